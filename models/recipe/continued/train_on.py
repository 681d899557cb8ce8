"""Trains the released weights on, upper half only. Needs the recipe that 6057b14 took back.

Run from the repository with a work folder that has config.json (the BertConfig of the
base with 45,000 words) and shipped.pt (released.load of models/sentiment/model.onnx).
Afterwards: weights = shipped + 0.7 * (refined - shipped), temperature fitted anew."""
import sys, json, time, random
sys.path.insert(0,'models/recipe/continued')
from pathlib import Path
from dataclasses import replace
from collections import Counter
import torch
from tokenizers import Tokenizer
from models.recipe.network import MonitorNetwork
from models.recipe.examples import all_examples, FIELD, OWN
from models.recipe.unlabelled import unlabelled_examples
from models.recipe.split import TRAIN
from models.recipe.rows import encode, Settings, goal_of
from models.recipe import training, vocabulary
from models.recipe.training import readings_of, train
torch.set_num_threads(2)
M=Path('models/sentiment'); T=1.2506
cfg=json.load(open('work/config.json'))
net=MonitorNetwork(cfg); net.load_state_dict(torch.load('work/shipped.pt')); net.eval()
tok=Tokenizer.from_file(str(M/'tokenizer.json')); tok.no_padding(); tok.no_truncation()
shared=Path('../shared'); rng=random.Random(7)
by={}
for e in [*all_examples(shared),*unlabelled_examples(shared)]:
    if e.part==TRAIN: by.setdefault(e.source,[]).append(e)
for v in by.values(): rng.shuffle(v)
import subprocess
old=set()
for l in ("en","ko"):
    old|={x.strip() for x in subprocess.check_output(["git","show",f"cac030e:models/recipe/passages_{l}.txt"],text=True).splitlines()}
from collections import defaultdict
print({k:len(v) for k,v in by.items()})
new_text="\n".join(x for l in ("en","ko") for x in open(f"models/recipe/passages_{l}.txt") if x.strip() not in old)
import re
strip=lambda t: re.sub(r"[^\w]","",t)
newkey=strip(re.sub(r"[\[\]{}|+=-]","",new_text))
by['passages'].sort(key=lambda e: strip(e.text)[:40] not in newkey)
print("new passages", sum(strip(e.text)[:40] in newkey for e in by['passages']))
take={FIELD:9999,'passages':4400,'corpus':1500,'headlines':700,'sentfin':900,'korfin':700,'filings':200,'newsmtsc':200,'releases':150,'titles':150}
every=[e for k,n in take.items() for e in by[k][:n]]
print(len(every),Counter(e.source for e in every),flush=True)
s=Settings(epochs=1,decay_epochs=1,learning_rate=6e-5,head_rate=2e-4,rounded_epochs=1,seed=20262,own_share=0.2,teacher_share=0.6,embedding_weight=1.0)
asked=[i for i,e in enumerate(every) if e.source not in (FIELD,'passages','corpus')]
rows=encode(tok,[replace(every[i],whole=True) for i in asked],[None]*len(asked),s.max_tokens)
assert len(rows)==len(asked)
views={}; anchors=torch.zeros(len(every),384)
t=time.time()
for chosen,rd in readings_of(net,rows):
    p=torch.softmax(rd.logits.float()/T,-1)
    for j,c in enumerate(chosen):
        views[asked[c]]=tuple(p[j].tolist()); anchors[asked[c]]=rd.embedding[j].float()
print("views",time.time()-t,flush=True)
goals=[goal_of(e,views.get(i),s) for i,e in enumerate(every)]
rows=encode(tok,every,goals,s.max_tokens)
rows=[r if r.anchor in views else replace(r,anchor=None) for r in rows]
print(len(rows),"rows",flush=True)
for n,p in net.named_parameters():
    if n.startswith('encoder.embeddings') or re.match(r'encoder\.encoder\.layer\.[0-5]\.',n): p.requires_grad_(False)
def cost_of(readings, rows, anchors, settings):
    cost=torch.zeros(())
    judged=[i for i,r in enumerate(rows) if r.goal is not None]
    goals=torch.tensor([rows[i].goal for i in judged])
    logits=readings.logits[judged].float().cpu()
    w=1+0.3*goals[:,0]
    cost=cost+(torch.nn.functional.cross_entropy(logits,goals,reduction="none")*w).sum()/len(rows)
    a=[i for i,r in enumerate(rows) if r.anchor is not None]
    if a:
        near=readings.embedding[a].float().cpu(); base=anchors[[rows[i].anchor for i in a]].float()
        cost=cost+settings.embedding_weight*(1-(near*base).sum(-1)).sum()/len(rows)
    return cost
training.cost_of=cost_of
def report(l): print(f"{time.time()-t:.0f} {l}",flush=True)
train(net,rows,mask_id=tok.token_to_id(vocabulary.MASK),settings=s,checkpoint=Path('work/ck.pt'),report=report,anchors=anchors)
torch.save(net.state_dict(),'work/refined.pt'); print("DONE",time.time()-t)
