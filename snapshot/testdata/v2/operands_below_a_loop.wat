(module
      (func (export "run") (param i32) (result i32 i64)
        (i32.const 11)
        (i64.const 22)
        (loop $l (param i64) (result i64)
          (i64.const 3) (i64.mul)
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
