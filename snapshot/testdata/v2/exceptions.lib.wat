(module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (tag $e (export "e") (param i32 f64))
      (func (export "throw") (param i32)
        (throw $e (call $add (local.get 0) (i32.const 1))
                  (f64.const 2.5))))
