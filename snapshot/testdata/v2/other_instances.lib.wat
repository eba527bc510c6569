(module
      (type $f (func (param i32) (result i32)))
      (table (export "table") 4 funcref)
      (func (export "twice") (param funcref i32) (result i32)
        (table.set (i32.const 2) (local.get 0))
        (call_indirect (type $f)
          (call_indirect (type $f) (local.get 1) (i32.const 2))
          (i32.const 2))))
