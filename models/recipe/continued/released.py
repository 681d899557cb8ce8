"""int8 model.onnx -> the state of a MonitorNetwork in fp32."""
import json, re
import numpy as np, onnx, torch
from onnx import numpy_helper
from models.recipe.network import MonitorNetwork
def load(path):
    g=onnx.load(path).graph
    init={i.name:numpy_helper.to_array(i) for i in g.initializer}
    state={}
    for n,v in init.items():
        if n.startswith("network.") and "_Transposed_" not in n: state[n[len("network."):]]=torch.tensor(np.array(v))
    for n in g.node:
        if n.op_type=="MatMulInteger" and n.input[1] in init:
            q=init[n.input[1]].astype(np.float32); base=n.input[1].removesuffix("_quantized")
            s=init[base+"_scale"]; z=init[base+"_zero_point"]
            assert not np.any(z), base
            name=n.name or n.output[0]
            m=re.match(r"/network/(.*)/MatMul",name)
            if base.endswith("_Transposed"):
                state[base.removesuffix("_Transposed").removeprefix("network.")]=torch.tensor((q*s).T.copy()); continue
            if not m: print("skip",name); continue
            key=m[1].replace("/",".")+".weight"
            key=key.replace("head.head.","head.")
            state[key]=torch.tensor((q*s).T.copy())
        elif n.op_type=="Gemm": print("gemm",n.name,n.input)
        elif n.op_type=="MatMul" and n.input[1] in init: print("matmul",n.name,n.input)
    return state,init,g
