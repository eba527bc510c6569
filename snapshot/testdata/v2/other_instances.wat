(module
      (import "lib" "twice" (func $twice (param funcref i32) (result i32)))
      (import "lib" "table" (table 4 funcref))
      (type $f (func (param i32) (result i32)))
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (func $increment (type $f) (call $add (local.get 0) (i32.const 1)))
      (elem declare func $increment)
      (func (export "run") (param i32) (result i32)
        (call $twice (ref.func $increment) (local.get 0))))
