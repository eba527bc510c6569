(module
      (memory 1)
      (func (export "run") (param $n i32) (result i64)
        (local $sum i64) (local $unused f32) (local $x f64)
        (local.set $x (f64.const 1.5))
        (loop $again
          (i64.store (i32.shl (local.get $n) (i32.const 3))
                     (local.get $sum))
          (local.set $sum (i64.add (local.get $sum)
                                   (i64.extend_i32_u (local.get $n))))
          (local.set $x (f64.mul (local.get $x) (f64.const -2)))
          (br_if $again
            (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i64.add (local.get $sum) (i64.reinterpret_f64 (local.get $x)))))
