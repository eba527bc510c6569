(module
      (func $deep (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (unreachable)))
        (call $deep (i32.sub (local.get 0) (i32.const 1))))
      (export "run" (func $deep)))
