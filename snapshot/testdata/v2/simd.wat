(module
      (import "host" "vector"
        (func $h (param v128 externref) (result v128)))
      (global $g (mut v128) (v128.const i64x2 3 4))
      (func $f (param v128 i32) (result v128)
        (local $v v128)
        (local.set $v (i32x4.splat (local.get 1)))
        (call $h (i64x2.add (local.get 0) (local.get $v))
                 (ref.null extern)))
      (func (export "run") (param v128) (result v128 i32)
        (global.set $g (call $f (local.get 0) (i32.const 1)))
        (call $f (global.get $g) (i32.const 5))
        (i32.const 6)))
