(module
      (func $swap (param i32 f64 i64) (result i64 f64 i32)
        (local.get 2) (local.get 1) (local.get 0))
      (func (export "run") (param i32) (result i64 f64 i32)
        (i64.const 100)
        (call $swap (local.get 0) (f64.const 2.5) (i64.const 9))
        (call $swap (i32.const 1) (f64.const 0.5) (i64.const 8))
        (drop) (drop) (drop) (drop) (drop)
        (f64.convert_i64_s) (local.get 0)))
