(module
      (memory 1 10) (table 1 20 funcref)
      (func (export "run") (param i32) (result i32)
        (loop $l
          (drop (memory.grow (i32.const 1)))
          (drop (table.grow (ref.null func) (i32.const 3)))
          (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536))
                               (i32.const 1))
                      (local.get 0))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.add (i32.mul (memory.size) (i32.const 100)) (table.size))))
