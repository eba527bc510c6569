(module
      (tag $e (param i64))
      (func $f (throw $e (i64.const 1)))
      (func (export "run") (call $f)))
