#!/usr/bin/env python3
"""wasmd from Python with nothing but ctypes: a callback and a suspension.

    hello.py [PATH/libwasmd.so]
"""

import ctypes
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, Union, byref, c_char_p
from ctypes import c_int32, c_int64, c_size_t, c_uint8, c_void_p

GUEST = b"""(module
  (import "py" "double" (func $double (param i32) (result i32)))
  (import "py" "ask" (func $ask (result i32)))
  (func (export "run") (result i32)
    (call $double (call $ask))))"""

I32 = 0
PENDING, RETURNED = 2, 3


class Of(Union):
    _fields_ = [("i32", c_int32), ("i64", c_int64), ("ref", c_void_p)]


class Val(Structure):
    _fields_ = [("kind", c_uint8), ("of", Of)]


class Vec(Structure):  # of any element
    _fields_ = [("size", c_size_t), ("data", c_void_p)]


CALLBACK = CFUNCTYPE(c_void_p, POINTER(Vec), POINTER(Vec))


def load(path):
    api = ctypes.CDLL(path)
    for name in ("wasm_engine_new wasm_store_new wasm_valtype_new "
                 "wasm_functype_new wasm_func_new wasmd_func_new "
                 "wasm_instance_new wasmd_instance_export "
                 "wasmd_thread_new wasmd_thread_start "
                 "wasmd_module_new wasmd_thread_answer").split():
        getattr(api, name).restype = c_void_p
    api.wasmd_error_message.restype = c_char_p
    return api


def check(api, error):
    if error:
        sys.exit(api.wasmd_error_message(c_void_p(error)).decode())


def function_type(api, params, results):
    def types(count):
        vec = Vec()
        array = (c_void_p * count)(
            *[api.wasm_valtype_new(I32) for _ in range(count)])
        api.wasm_valtype_vec_new(byref(vec), c_size_t(count), array)
        return vec
    params, results = types(params), types(results)
    return c_void_p(api.wasm_functype_new(byref(params), byref(results)))


def values(vec):
    return ctypes.cast(vec.data, POINTER(Val))


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "libwasmd.so"
    api = load(path)
    engine = c_void_p(api.wasm_engine_new())
    store = c_void_p(api.wasm_store_new(engine))
    text = ctypes.create_string_buffer(GUEST, len(GUEST))
    module = c_void_p()
    source = Vec(len(GUEST), ctypes.cast(text, c_void_p))
    check(api, api.wasmd_module_new(store, byref(source), byref(module)))

    @CALLBACK
    def double(args, results):
        answer = values(results.contents)
        answer[0].kind = I32
        answer[0].of.i32 = 2 * values(args.contents)[0].of.i32
        return None

    functions = [
        api.wasm_func_new(store, function_type(api, 1, 1), double),
        # No callback: a call of it stops the guest.
        api.wasmd_func_new(store, function_type(api, 0, 1), b"py", b"ask",
                           None, None, None),
    ]
    array = (c_void_p * 2)(*functions)
    imports = Vec(2, ctypes.cast(array, c_void_p))
    instance = c_void_p(
        api.wasm_instance_new(store, module, byref(imports), None))
    run = c_void_p(api.wasmd_instance_export(instance, b"run"))
    thread = c_void_p(api.wasmd_thread_new(store))
    check(api, api.wasmd_thread_start(thread, run, None))
    assert api.wasmd_thread_run(thread, None) == PENDING
    print("the guest asks")
    answer = Val(I32, Of(i32=21))
    answers = Vec(1, ctypes.cast(ctypes.pointer(answer), c_void_p))
    check(api, api.wasmd_thread_answer(thread, byref(answers)))
    assert api.wasmd_thread_run(thread, None) == RETURNED
    results = Vec()
    api.wasmd_thread_results(thread, byref(results))
    print("and ends with", values(results)[0].of.i32)
    api.wasm_val_vec_delete(byref(results))
    api.wasmd_thread_delete(thread)
    api.wasm_store_delete(store)
    api.wasm_engine_delete(engine)


main()
