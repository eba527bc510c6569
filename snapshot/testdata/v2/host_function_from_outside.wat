(module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (export "run" (func $add)))
