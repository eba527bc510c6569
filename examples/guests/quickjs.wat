;; The `qjs` command: starts QuickJS's module, which is a library, and runs the
;; program that follows -e. Programs have print(...), sleep(milliseconds) and
;; exit(code), besides what the language has.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") (import "quickjs" "memory") 1)
  (import "quickjs" "__indirect_function_table" (table $functions 1 funcref))
  (import "quickjs" "malloc" (func $malloc (param i32) (result i32)))
  (import "quickjs" "JS_NewRuntime" (func $new_runtime (result i32)))
  (import "quickjs" "JS_NewContext" (func $new_context (param i32) (result i32)))
  (import "quickjs" "JS_GetGlobalObject"
    (func $global_object (param i32) (result i64)))
  (import "quickjs" "JS_NewCFunction2"
    (func $new_function (param i32 i32 i32 i32 i32 i32) (result i64)))
  (import "quickjs" "JS_NewStringLen"
    (func $new_string (param i32 i32 i32) (result i64)))
  (import "quickjs" "JS_SetPropertyStr"
    (func $set_property (param i32 i64 i32 i64) (result i32)))
  (import "quickjs" "JS_ToCStringLen2"
    (func $to_text (param i32 i32 i64 i32) (result i32)))
  (import "quickjs" "JS_FreeCString" (func $free_text (param i32 i32)))
  (import "quickjs" "JS_ToFloat64"
    (func $to_number (param i32 i32 i64) (result i32)))
  (import "quickjs" "JS_ToInt32"
    (func $to_int (param i32 i32 i64) (result i32)))
  (import "quickjs" "JS_Eval"
    (func $eval (param i32 i32 i32 i32 i32) (result i64)))
  (import "quickjs" "JS_ExecutePendingJob"
    (func $run_job (param i32 i32) (result i32)))

  ;; Names of the functions, that of the program, and what starts it; each ends
  ;; in a zero.
  (data $texts
    "print\00sleep\00exit\00program\00-e\00"
    "try { (0, eval)(program); }\n"
    "catch (error) { print(String(error)); print(error.stack); exit(1); }\00")
  (global $text (mut i32) (i32.const 0))     ;; where they are
  (global $scratch (mut i32) (i32.const 0))  ;; 160 bytes for calls of WASI

  ;; JSValue: a tag above 32 bits of payload.
  (global $undefined i64 (i64.const 0x300000000))
  (global $exception i64 (i64.const 0x600000000))

  (elem declare func $print $sleep $exit)

  (func $write (param $text i32) (param $size i32)
    (local $written i32)
    (loop $more
      (if (local.get $size)
        (then
          (i32.store (global.get $scratch) (local.get $text))
          (i32.store offset=4 (global.get $scratch) (local.get $size))
          (if (call $fd_write (i32.const 1) (global.get $scratch) (i32.const 1)
                (i32.add (global.get $scratch) (i32.const 8)))
            (then (return)))
          (local.set $written (i32.load offset=8 (global.get $scratch)))
          (local.set $text (i32.add (local.get $text) (local.get $written)))
          (local.set $size (i32.sub (local.get $size) (local.get $written)))
          (br $more)))))

  ;; The arguments with spaces between them, and the end of the line.
  (func $print (param $context i32) (param $this i64) (param $count i32)
    (param $values i32) (result i64)
    (local $at i32) (local $text i32)
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $count))
        (then
          (local.set $text (call $to_text (local.get $context)
            (i32.add (global.get $scratch) (i32.const 12))
            (i64.load (i32.add (local.get $values)
              (i32.shl (local.get $at) (i32.const 3))))
            (i32.const 0)))
          (if (i32.eqz (local.get $text))
            (then (return (global.get $exception))))
          (call $write (local.get $text)
            (i32.load offset=12 (global.get $scratch)))
          (call $free_text (local.get $context) (local.get $text))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (i32.store8 offset=16 (global.get $scratch) (i32.const 0x20))
          (if (i32.lt_u (local.get $at) (local.get $count))
            (then (call $write
              (i32.add (global.get $scratch) (i32.const 16)) (i32.const 1))))
          (br $next))))
    (i32.store8 offset=16 (global.get $scratch) (i32.const 0x0A))
    (call $write (i32.add (global.get $scratch) (i32.const 16)) (i32.const 1))
    (global.get $undefined))

  (func $sleep (param $context i32) (param $this i64) (param $count i32)
    (param $values i32) (result i64)
    (local $at i32)
    (local.set $at (global.get $scratch))
    (if (i32.eqz (local.get $count)) (then (return (global.get $undefined))))
    (if (call $to_number (local.get $context) (local.get $at)
          (i64.load (local.get $values)))
      (then (return (global.get $exception))))
    ;; One subscription: the monotonic clock, relative.
    (i64.store offset=40 (local.get $at)
      (i64.trunc_sat_f64_u
        (f64.mul (f64.load (local.get $at)) (f64.const 1e6))))
    (i64.store offset=16 (local.get $at) (i64.const 0))
    (i64.store offset=24 (local.get $at) (i64.const 0))
    (i64.store offset=32 (local.get $at) (i64.const 1))
    (i64.store offset=48 (local.get $at) (i64.const 0))
    (i64.store offset=56 (local.get $at) (i64.const 0))
    (drop (call $poll_oneoff (i32.add (local.get $at) (i32.const 16))
      (i32.add (local.get $at) (i32.const 64)) (i32.const 1)
      (i32.add (local.get $at) (i32.const 96))))
    (global.get $undefined))

  (func $exit (param $context i32) (param $this i64) (param $count i32)
    (param $values i32) (result i64)
    (i32.store (global.get $scratch) (i32.const 0))
    (if (local.get $count)
      (then (drop (call $to_int (local.get $context) (global.get $scratch)
        (i64.load (local.get $values))))))
    (call $proc_exit (i32.load (global.get $scratch)))
    unreachable)

  ;; Makes a function of ours a global one of JavaScript.
  (func $define (param $context i32) (param $name i32) (param $function funcref)
    (drop (call $set_property (local.get $context)
      (call $global_object (local.get $context))
      (local.get $name)
      (call $new_function (local.get $context)
        (table.grow $functions (local.get $function) (i32.const 1))
        (local.get $name) (i32.const 1) (i32.const 0) (i32.const 0)))))

  (func $length (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (loop $next
      (if (i32.load8_u (local.get $end))
        (then
          (local.set $end (i32.add (local.get $end) (i32.const 1)))
          (br $next))))
    (i32.sub (local.get $end) (local.get $text)))

  ;; The program: the argument after -e, which is the second.
  (func $program (result i32)
    (local $list i32) (local $size i32)
    (drop (call $args_sizes_get (global.get $scratch)
      (i32.add (global.get $scratch) (i32.const 4))))
    (if (i32.ne (i32.load (global.get $scratch)) (i32.const 3))
      (then (call $proc_exit (i32.const 2))))
    (local.set $size (i32.load offset=4 (global.get $scratch)))
    (local.set $list (call $malloc (i32.add (local.get $size) (i32.const 12))))
    (drop (call $args_get (local.get $list)
      (i32.add (local.get $list) (i32.const 12))))
    ;; "-e" and its zero.
    (if (i32.or
          (i32.ne (i32.load16_u (i32.load offset=4 (local.get $list)))
            (i32.const 0x652D))
          (i32.load8_u offset=2 (i32.load offset=4 (local.get $list))))
      (then (call $proc_exit (i32.const 2))))
    (i32.load offset=8 (local.get $list)))

  (func (export "_start")
    (local $runtime i32) (local $context i32) (local $program i32)
    (global.set $text (call $malloc (i32.const 125)))
    (memory.init $texts (global.get $text) (i32.const 0) (i32.const 125))
    (global.set $scratch (call $malloc (i32.const 160)))
    (local.set $program (call $program))
    (local.set $runtime (call $new_runtime))
    (local.set $context (call $new_context (local.get $runtime)))
    (call $define (local.get $context) (global.get $text) (ref.func $print))
    (call $define (local.get $context)
      (i32.add (global.get $text) (i32.const 6)) (ref.func $sleep))
    (call $define (local.get $context)
      (i32.add (global.get $text) (i32.const 12)) (ref.func $exit))
    (drop (call $set_property (local.get $context)
      (call $global_object (local.get $context))
      (i32.add (global.get $text) (i32.const 17))
      (call $new_string (local.get $context) (local.get $program)
        (call $length (local.get $program)))))
    ;; As a script, under the name of "-e".
    (if (i64.eq (global.get $exception) (call $eval (local.get $context)
      (i32.add (global.get $text) (i32.const 28))
      (call $length (i32.add (global.get $text) (i32.const 28)))
      (i32.add (global.get $text) (i32.const 25)) (i32.const 0)))
      (then (call $proc_exit (i32.const 1))))
    ;; What promises wait for.
    (loop $jobs
      (br_if $jobs (i32.gt_s
        (call $run_job (local.get $runtime) (global.get $scratch))
        (i32.const 0))))
    (call $proc_exit (i32.const 0))))
