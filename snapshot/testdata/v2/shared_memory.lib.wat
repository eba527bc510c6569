(module
      (memory (export "memory") 1)
      (global (export "at") i32 (i32.const 5000))
      (data (i32.const 0) "aaaa"))
