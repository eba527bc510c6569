(module
      (import "lib" "memory" (memory 1))
      (import "lib" "at" (global i32))
      (data (global.get 0) "bcd")
      (func (export "run") (param i32) (result i32) (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (local.get $sum) (i32.add
            (i32.load8_u (local.get 0))
            (i32.load8_u offset=5000 (local.get 0)))))
          (i32.store8 offset=9000 (local.get 0) (local.get $sum))
          (br_if $next
            (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum)))
