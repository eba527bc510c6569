;; The `ruby` command: starts CRuby's module, which is a library, with the
;; arguments of the process, and lets a line of Ruby run the program they name.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $args_get (param i32 i32) (result i32)))
  (memory (export "memory") (import "ruby" "memory") 1)
  (import "ruby" "cabi_realloc"
    (func $realloc (param i32 i32 i32 i32) (result i32)))
  (import "ruby" "ruby-init: func(args: list<string>) -> ()"
    (func $ruby_init (param i32 i32)))
  (import "ruby" "rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>"
    (func $eval (param i32 i32) (result i32)))

  ;; Ruby's own options; the arguments of the process follow as ARGV.
  (data $options "ruby\00-EUTF-8\00-e_=0\00--\00")
  (data $program
    "status = 0\n"
    "begin\n"
    "  if ARGV[0] == '-e'\n"
    "    ARGV.shift\n"
    "    $0 = '-e'\n"
    "    eval(ARGV.shift, TOPLEVEL_BINDING, '-e', 1)\n"
    "  else\n"
    "    $0 = ARGV.shift\n"
    "    load($0)\n"
    "  end\n"
    "rescue SystemExit => stop\n"
    "  status = stop.status\n"
    "rescue Exception => error\n"
    "  STDERR.write(error.full_message(highlight: false))\n"
    "  status = 1\n"
    "end\n"
    "STDOUT.flush\n"
    "Process.exit!(status)\n")

  (func $allocate (param $size i32) (result i32)
    (call $realloc (i32.const 0) (i32.const 0) (i32.const 8)
      (local.get $size)))

  (func $length (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (loop $next
      (if (i32.load8_u (local.get $end))
        (then
          (local.set $end (i32.add (local.get $end) (i32.const 1)))
          (br $next))))
    (i32.sub (local.get $end) (local.get $text)))

  ;; Writes the (address, length) of `count` texts that follow each other.
  (func $list (param $list i32) (param $text i32) (param $count i32)
    (loop $next
      (if (local.get $count)
        (then
          (i32.store (local.get $list) (local.get $text))
          (i32.store offset=4 (local.get $list)
            (call $length (local.get $text)))
          (local.set $text
            (i32.add (i32.add (local.get $text) (i32.const 1))
              (i32.load offset=4 (local.get $list))))
          (local.set $list (i32.add (local.get $list) (i32.const 8)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $next)))))

  (func (export "_start")
    (local $count i32) (local $list i32) (local $options i32)
    (local $texts i32) (local $program i32)
    (local.set $list (call $allocate (i32.const 8)))
    (drop (call $args_sizes_get (local.get $list)
      (i32.add (local.get $list) (i32.const 4))))
    (local.set $count (i32.load (local.get $list)))
    (local.set $texts (call $allocate (i32.load offset=4 (local.get $list))))
    (local.set $list (call $allocate
      (i32.mul (i32.add (local.get $count) (i32.const 4)) (i32.const 8))))
    (drop (call $args_get (local.get $list) (local.get $texts)))

    (local.set $options (call $allocate (i32.const 22)))
    (memory.init $options (local.get $options) (i32.const 0) (i32.const 22))
    (call $list (local.get $list) (local.get $options) (i32.const 4))
    ;; Without the program's own name.
    (call $list
      (i32.add (local.get $list) (i32.const 32))
      (i32.add (local.get $texts)
        (i32.add (call $length (local.get $texts)) (i32.const 1)))
      (i32.sub (local.get $count) (i32.const 1)))
    (call $ruby_init (local.get $list)
      (i32.add (local.get $count) (i32.const 3)))

    (local.set $program (call $allocate (i32.const 341)))
    (memory.init $program (local.get $program) (i32.const 0) (i32.const 341))
    (drop (call $eval (local.get $program) (i32.const 341)))
    ;; The line of Ruby ends the process.
    unreachable))
