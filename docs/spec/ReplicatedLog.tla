--------------------------- MODULE ReplicatedLog ---------------------------
(* One partition of the replicated log: rules 1-9, the compare-and-set part of
   rule 12 and the trimming part of rule 13 of ARCHITECTURE.md.

   Modelled. Storage disks that accept an append, fsync it later, answer OK, crash
   (unsynced data gone) or are wiped (new identity); owner incarnations, each paused
   or dead for ever at any step; ZooKeeper as one versioned register; a chain of
   segments on ensembles of 2 or 3 disks; client batches, each sent up to MaxTry times.
   - Messages. `sent` and `ok` only grow, and a receiver may take from them at any
     later time or never: loss, delay, repetition, and reordering up to the prefix rule.
   - Steps are merged only where nobody can act in between: a fence waits for its
     fsyncs, so mark, fsync and answer are one step; so are a recovery write and its
     fsync, and a CAS whose sender only waits. The roll's multi is three steps (sent,
     applied, learned), because its sender still gets OKs and reads meanwhile. Not
     knowing an outcome is not having learned it yet.
   - A disk that answers "unknown" is one whose identity the ensemble does not name.

   Left out: the bytes (CRC), failure domains, snapshots, sequence order within one
   producer, the last confirmed entry inside entries, repair of closed segments,
   upload and manifest (Tier is one step), retention, deletion, transactions.

   M = "none" is the design with its corrections; any other M breaks one rule. *)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS D,         \* storage disks
          B,         \* client batches, one record and one producer each
          N,         \* owner incarnations; 1 owns the partition at the start
          Qa,        \* ack quorum
          Widths,    \* sizes an ensemble may have
          MaxSeg, MaxTry, MaxCrash, MaxWipe,
          Trims,     \* whether closed segments are tiered and dropped from disks
          M          \* mutation

VARIABLES
  zk,       \* the znode: version, epoch, chain of segments
  pc,       \* owner: idle, fence, copy, register, open, roll, dead
  ver,      \* owner: the znode version it knows
  seg,      \* owner: the segment it recovers or writes
  conf,     \* owner: entries of that segment it has confirmed
  end,      \* owner: the end its recovery decided
  ans,      \* owner: last id told by each fenced disk, or None
  roll,     \* owner: its roll's multi
  sent,     \* segment: entries its writer has sent
  data,     \* segment, disk: entries accepted
  syn,      \* segment, disk: how many of them are fsynced
  ok,       \* segment, disk: highest OK ever told to the writer, also by a disk wiped since
  gone,     \* segment, disk: what was fsynced before the disk was wiped
  fenced,   \* segment, disk: fence mark
  minseg,   \* disk: segments below this number refuse appends (rule 2)
  ident,    \* disk: its identity
  bucket,   \* segment: what was tiered; <<>> if nothing
  tries, crashes, wipes,      \* budgets
  acked, exposed, staleEnd    \* history: <<offset, batch>> told to producers, to consumers

disks   == <<data, syn, ok, gone, fenced, minseg, ident>>
owners  == <<pc, ver, seg, conf, end, ans, roll>>
history == <<acked, exposed, staleEnd>>
budgets == <<crashes, wipes>>
vars    == <<zk, owners, sent, disks, bucket, tries, budgets, history>>

None   == -1
O      == 1..N
S      == 1..MaxSeg
NoRoll == [st |-> "none", ens |-> {}, end |-> 0]
Named(ds)     == {<<d, ident[d]>> : d \in ds}
NewEnsembles  == {Named(ds) : ds \in {x \in SUBSET D : Cardinality(x) \in Widths}}
Open(ep, base, e) ==
  [st |-> "open", epoch |-> ep, base |-> base, end |-> 0, ens |-> e, extra |-> {}]

Init ==
  /\ zk = [ver |-> 1, epoch |-> 1, segs |-> <<Open(1, 0, {<<d, 0>> : d \in D})>>]
  /\ pc = [o \in O |-> IF o = 1 THEN "open" ELSE "idle"]
  /\ ver = [o \in O |-> IF o = 1 THEN 1 ELSE 0]
  /\ seg = [o \in O |-> 1]
  /\ conf = [o \in O |-> 0]
  /\ end = [o \in O |-> 0]
  /\ ans = [o \in O |-> [d \in D |-> None]]
  /\ roll = [o \in O |-> NoRoll]
  /\ sent = [s \in S |-> <<>>]
  /\ data = [s \in S |-> [d \in D |-> <<>>]]
  /\ syn = [s \in S |-> [d \in D |-> 0]]
  /\ ok = [s \in S |-> [d \in D |-> 0]]
  /\ gone = [s \in S |-> [d \in D |-> 0]]
  /\ fenced = [s \in S |-> [d \in D |-> FALSE]]
  /\ minseg = [d \in D |-> 1]
  /\ ident = [d \in D |-> 0]
  /\ bucket = [s \in S |-> <<>>]
  /\ tries = [b \in B |-> 0]
  /\ crashes = 0 /\ wipes = 0
  /\ acked = {} /\ exposed = {} /\ staleEnd = FALSE

Max(X)      == CHOOSE x \in X : \A y \in X : y <= x
Min(X)      == CHOOSE x \in X : \A y \in X : y >= x
Ens(s)      == {x[1] : x \in zk.segs[s].ens}
Valid(s)    == {d \in Ens(s) : <<d, ident[d]>> \in zk.segs[s].ens}
Replicas(s) == {d \in D : <<d, ident[d]>> \in zk.segs[s].ens \cup zk.segs[s].extra}
FenceNeed(s) == CASE M = "6-one-answer" -> 1
                  [] M = "6-as-written" -> Max(Widths) - Qa + 1     \* the configured write quorum
                  [] OTHER -> Cardinality(Ens(s)) - Qa + 1
EndOffset(s) == zk.segs[s].base + zk.segs[s].end
ClosedEntries(n) ==     \* <<offset, batch>> of segments 1..n
  UNION {{<<zk.segs[s].base + i - 1, sent[s][i]>> : i \in 1..zk.segs[s].end} : s \in 1..n}
Own(o)      ==          \* <<offset, batch>> that the owner has sent in its segment
  {<<zk.segs[seg[o]].base + i - 1, sent[seg[o]][i]>> : i \in DOMAIN sent[seg[o]]}
HighWatermark(o) == zk.segs[seg[o]].base + conf[o]

------------------------------------------------------------------ (* storage disks *)
\* Rule 2: only what the creator sent, in order, to the named identity, unfenced, above the mark.
Accept(s, d) ==
  /\ s <= Len(zk.segs) /\ d \in Ens(s)
  /\ d \in Valid(s) \/ M = "1-identity-unchecked"
  /\ ~fenced[s][d] \/ M = "2-fence-ignored"
  /\ s >= minseg[d]
  /\ Len(data[s][d]) < Len(sent[s])
  /\ LET n == Len(data[s][d]) + 1 IN
     /\ data' = [data EXCEPT ![s][d] = Append(@, sent[s][n])]
     /\ syn' = IF MaxCrash = 0 THEN [syn EXCEPT ![s][d] = n] ELSE syn   \* a smaller model: no crash, no wait
     /\ ok' = IF M = "1-ok-before-fsync" \/ MaxCrash = 0 THEN [ok EXCEPT ![s][d] = Max({@, n})] ELSE ok
  /\ UNCHANGED <<zk, owners, sent, gone, fenced, minseg, ident, bucket, tries, budgets, history>>

\* Rule 1: OK after fsync.
Fsync(s, d) ==
  /\ syn[s][d] < Len(data[s][d])
  /\ syn' = [syn EXCEPT ![s][d] = Len(data[s][d])]
  /\ ok' = [ok EXCEPT ![s][d] = Max({@, Len(data[s][d])})]
  /\ UNCHANGED <<zk, owners, sent, data, gone, fenced, minseg, ident, bucket, tries, budgets, history>>

CrashDisk(d) ==
  /\ crashes < MaxCrash
  /\ \/ \E s \in S : syn[s][d] < Len(data[s][d])
     \/ M = "1-mark-not-fsynced" /\ \E s \in S : fenced[s][d]
  /\ crashes' = crashes + 1
  /\ data' = [s \in S |-> [data[s] EXCEPT ![d] = SubSeq(@, 1, syn[s][d])]]
  /\ fenced' = IF M = "1-mark-not-fsynced" THEN [s \in S |-> [fenced[s] EXCEPT ![d] = FALSE]] ELSE fenced
  /\ UNCHANGED <<zk, owners, sent, syn, ok, gone, minseg, ident, bucket, tries, wipes, history>>

WipeDisk(d) ==
  /\ wipes < MaxWipe
  /\ wipes' = wipes + 1
  /\ ident' = [ident EXCEPT ![d] = @ + 1]
  /\ gone' = [s \in S |-> [gone[s] EXCEPT ![d] = syn[s][d]]]
  /\ data' = [s \in S |-> [data[s] EXCEPT ![d] = <<>>]]
  /\ syn' = [s \in S |-> [syn[s] EXCEPT ![d] = 0]]
  /\ fenced' = [s \in S |-> [fenced[s] EXCEPT ![d] = FALSE]]
  /\ minseg' = [minseg EXCEPT ![d] = 1]
  /\ UNCHANGED <<zk, owners, sent, ok, bucket, tries, crashes, history>>

\* Rules 11-13 in short.
Tier(s) ==
  /\ Trims /\ s <= Len(zk.segs) /\ zk.segs[s].st = "closed" /\ zk.segs[s].end > 0 /\ bucket[s] = <<>>
  /\ \E d \in Replicas(s) :
       /\ syn[s][d] >= zk.segs[s].end
       /\ bucket' = [bucket EXCEPT ![s] = SubSeq(data[s][d], 1, zk.segs[s].end)]
  /\ UNCHANGED <<zk, owners, sent, disks, tries, budgets, history>>

Trim(s, d) ==
  /\ bucket[s] # <<>> /\ d \in Replicas(s) /\ s >= minseg[d] /\ data[s][d] # <<>>
  /\ data' = [data EXCEPT ![s][d] = <<>>]
  /\ syn' = [syn EXCEPT ![s][d] = 0]
  /\ fenced' = [fenced EXCEPT ![s][d] = FALSE]
  /\ minseg' = IF M = "2-no-minimum-mark" THEN minseg ELSE [minseg EXCEPT ![d] = s + 1]
  /\ UNCHANGED <<zk, owners, sent, ok, gone, ident, bucket, tries, budgets, history>>

--------------------------------------------------------------------- (* the writer *)
\* A client sends batch b for the first time or again.
Produce(o, b) ==
  /\ pc[o] = "open" /\ tries[b] < MaxTry
  /\ tries' = [tries EXCEPT ![b] = @ + 1]
  /\ LET known == {e \in ClosedEntries(seg[o] - 1) \cup Own(o) : e[2] = b}
         told  == {e \in known : e[1] < HighWatermark(o) \/ M = "3-duplicate-acked-early"}
     IN /\ sent' = IF known = {} THEN [sent EXCEPT ![seg[o]] = Append(@, b)] ELSE sent
        /\ acked' = acked \cup told                              \* rule 3, duplicates
        /\ exposed' = IF M = "4-unconfirmed-visible" /\ known = {}
                      THEN exposed \cup {<<zk.segs[seg[o]].base + Len(sent[seg[o]]), b>>} ELSE exposed
  /\ UNCHANGED <<zk, owners, disks, bucket, budgets, staleEnd>>

\* Rules 3 and 4.
Confirm(o) ==
  /\ pc[o] = "open" \/ (M = "9-late-oks" /\ pc[o] = "roll")
  /\ LET s == seg[o]  n == conf[o] + 1
         need == IF M = "3-one-ok" THEN Qa - 1 ELSE Qa IN
     /\ n <= Len(sent[s])
     /\ Cardinality({d \in Ens(s) : ok[s][d] >= n}) >= need
     /\ conf' = [conf EXCEPT ![o] = n]
     /\ acked' = acked \cup {<<zk.segs[s].base + n - 1, sent[s][n]>>}
     /\ exposed' = exposed \cup {<<zk.segs[s].base + n - 1, sent[s][n]>>}
  /\ UNCHANGED <<zk, pc, ver, seg, end, ans, roll, sent, disks, bucket, tries, budgets, staleEnd>>

\* Rule 5: "latest offset" after an ack quorum said unfenced. Drawn only where it would be wrong.
AnswerEnd(o) ==
  /\ pc[o] = "open" \/ (M = "5-as-written" /\ pc[o] = "roll")
  /\ Qa <= Cardinality({d \in Valid(seg[o]) : /\ ~fenced[seg[o]][d]
                                              /\ seg[o] >= minseg[d] \/ M = "5-dropped-is-unfenced"})
  /\ \E e \in acked : e[1] >= HighWatermark(o)
  /\ staleEnd' = TRUE
  /\ UNCHANGED <<zk, owners, sent, disks, bucket, tries, budgets, acked, exposed>>

\* Rule 9.
SendRoll(o) ==
  /\ pc[o] = "open" /\ seg[o] + 1 < MaxSeg
  /\ \E e \in NewEnsembles :
       roll' = [roll EXCEPT ![o] = [st |-> "sent", ens |-> e,
                                    end |-> IF M = "9-close-at-last-sent" THEN Len(sent[seg[o]]) ELSE conf[o]]]
  /\ pc' = [pc EXCEPT ![o] = "roll"]
  /\ LET s == seg[o] IN sent' = IF M = "9-resend-early"
       THEN [sent EXCEPT ![s + 1] = SubSeq(sent[s], conf[o] + 1, Len(sent[s]))] ELSE sent
  /\ UNCHANGED <<zk, ver, seg, conf, end, ans, disks, bucket, tries, budgets, history>>

ApplyRoll(o) ==
  /\ roll[o].st = "sent"
  /\ IF zk.ver = ver[o]
     THEN /\ zk' = [ver |-> zk.ver + 1, epoch |-> zk.epoch,
                    segs |-> Append([zk.segs EXCEPT ![seg[o]].st = "closed", ![seg[o]].end = roll[o].end],
                                    Open(zk.epoch, zk.segs[seg[o]].base + roll[o].end, roll[o].ens))]
          /\ roll' = [roll EXCEPT ![o].st = "won"]
     ELSE /\ roll' = [roll EXCEPT ![o].st = "lost"]
          /\ UNCHANGED zk
  /\ UNCHANGED <<pc, ver, seg, conf, end, ans, sent, disks, bucket, tries, budgets, history>>

Dead(o) ==   \* resign: a later owner has won; forget everything
  /\ pc' = [pc EXCEPT ![o] = "dead"]
  /\ ver' = [ver EXCEPT ![o] = 0] /\ seg' = [seg EXCEPT ![o] = 1] /\ conf' = [conf EXCEPT ![o] = 0]
  /\ end' = [end EXCEPT ![o] = 0] /\ ans' = [ans EXCEPT ![o] = [d \in D |-> None]]
  /\ roll' = [roll EXCEPT ![o] = NoRoll]

LearnRoll(o) ==
  /\ pc[o] = "roll"
  /\ \/ /\ roll[o].st = "won"
        /\ LET s == seg[o] IN sent' = [sent EXCEPT ![s + 1] = SubSeq(sent[s], conf[o] + 1, Len(sent[s]))]
        /\ pc' = [pc EXCEPT ![o] = "open"]
        /\ ver' = [ver EXCEPT ![o] = @ + 1] /\ seg' = [seg EXCEPT ![o] = @ + 1]
        /\ conf' = [conf EXCEPT ![o] = 0] /\ roll' = [roll EXCEPT ![o] = NoRoll]
        /\ UNCHANGED <<end, ans>>
     \/ /\ roll[o].st = "lost" /\ Dead(o) /\ UNCHANGED sent
  /\ UNCHANGED <<zk, disks, bucket, tries, budgets, history>>

\* Rule 12 broken: a plain read shows the old version, and the roll passes for failed.
StaleRead(o) ==
  /\ M = "12-old-value-is-failure" /\ pc[o] = "roll"
  /\ pc' = [pc EXCEPT ![o] = "open"]
  /\ UNCHANGED <<zk, ver, seg, conf, end, ans, roll, sent, disks, bucket, tries, budgets, history>>

------------------------------------------------------------------- (* the takeover *)
Won(o)  == zk.ver = ver[o]
Lost(o) == /\ pc[o] \in {"fence", "copy", "register"} /\ ~Won(o) /\ M # "8-blind-close"
           /\ Dead(o) /\ UNCHANGED <<zk, sent, disks, bucket, tries, budgets, history>>

\* Rule 6: first the CAS to "recovering" with the new epoch.
Claim(o) ==
  /\ pc[o] = "idle" /\ \A p \in O : p < o => pc[p] # "idle"
  /\ LET n == Len(zk.segs)  closed == zk.segs[n].st = "closed" IN
     /\ zk' = [ver |-> zk.ver + 1, epoch |-> zk.epoch + 1,
               segs |-> IF closed THEN zk.segs ELSE [zk.segs EXCEPT ![n].st = "recovering"]]
     /\ pc' = [pc EXCEPT ![o] = IF closed THEN "register" ELSE "fence"]
     /\ seg' = [seg EXCEPT ![o] = n]
  /\ ver' = [ver EXCEPT ![o] = zk.ver + 1]
  /\ UNCHANGED <<conf, end, ans, roll, sent, disks, bucket, tries, budgets, history>>

\* Rules 1 and 6.
Fence(o, d) ==
  /\ pc[o] = "fence" /\ ans[o][d] = None
  /\ LET s == seg[o]  early == M = "1-fence-before-fsync" IN
     /\ d \in Ens(s) /\ s >= minseg[d]
     /\ d \in Valid(s) \/ M = "7-unknown-is-nothing"
     /\ fenced' = [fenced EXCEPT ![s][d] = TRUE]
     /\ syn' = IF early THEN syn ELSE [syn EXCEPT ![s][d] = Len(data[s][d])]
     /\ ok' = IF early \/ d \notin Valid(s) THEN ok ELSE [ok EXCEPT ![s][d] = Max({@, Len(data[s][d])})]
     /\ ans' = [ans EXCEPT ![o][d] = IF early THEN syn[s][d] ELSE Len(data[s][d])]
  /\ UNCHANGED <<zk, pc, ver, seg, conf, end, roll, sent, data, gone, minseg, ident, bucket, tries, budgets, history>>

\* Rules 6 and 7: the end.
Decide(o) ==
  /\ pc[o] = "fence"
  /\ \E Q \in SUBSET {d \in D : ans[o][d] # None} :
       /\ Cardinality(Q) >= FenceNeed(seg[o])
       /\ LET told == {ans[o][d] : d \in Q} IN
          end' = [end EXCEPT ![o] = IF M = "7-lowest-answer" THEN Min(told) ELSE Max(told)]
  /\ pc' = [pc EXCEPT ![o] = "copy"]
  /\ ans' = [ans EXCEPT ![o] = [d \in D |-> None]]
  /\ exposed' = IF M = "5-serve-before-close"
                THEN exposed \cup {<<zk.segs[seg[o]].base + i - 1, sent[seg[o]][i]>> : i \in 1..end'[o]}
                ELSE exposed
  /\ UNCHANGED <<zk, ver, seg, conf, roll, sent, disks, bucket, tries, budgets, acked, staleEnd>>

\* Rule 7: copy; where the ensemble no longer has Qa disks, also to others, which Close then names.
Targets(s) == IF Cardinality(Valid(s)) >= Qa \/ M = "7-as-written" THEN Valid(s) ELSE D
Sources(o) == {d \in Valid(seg[o]) : Len(data[seg[o]][d]) >= end[o]}
Copy(o, d) ==
  /\ pc[o] = "copy"
  /\ LET s == seg[o]  n == Len(data[s][d]) + 1 IN
     /\ d \in Targets(s) /\ s >= minseg[d] /\ syn[s][d] < end[o]
     /\ IF n > end[o] THEN UNCHANGED data     \* already accepted from the writer: fsync it
        ELSE \E x \in Sources(o) : data' = [data EXCEPT ![s][d] = Append(@, data[s][x][n])]
     /\ syn' = [syn EXCEPT ![s][d] = Len(data'[s][d])]
     \* rule 2: a fenced disk refuses the writer also what it holds by now, so no OK comes of the copy
     /\ ok' = IF d \notin Valid(s) \/ (fenced[s][d] /\ M # "2-fenced-repeat-ok") THEN ok
              ELSE [ok EXCEPT ![s][d] = Max({@, Len(data'[s][d])})]
  /\ UNCHANGED <<zk, owners, sent, gone, fenced, minseg, ident, bucket, tries, budgets, history>>

\* Rule 7: what was to be copied is gone with its only disk, so it was never acknowledged: ask again.
FenceAgain(o) ==
  /\ pc[o] = "copy" /\ Sources(o) = {}
  /\ pc' = [pc EXCEPT ![o] = "fence"]
  /\ end' = [end EXCEPT ![o] = 0]
  /\ UNCHANGED <<zk, ver, seg, conf, ans, roll, sent, disks, bucket, tries, budgets, history>>

\* Rule 8.
CloseWith(o, full) ==
  /\ pc[o] = "copy" /\ (Won(o) \/ M = "8-blind-close")
  /\ LET s == seg[o] IN
     /\ end[o] = 0 \/ Cardinality(full) >= Qa \/ M = "7-no-copy"
     /\ zk' = [zk EXCEPT !.ver = @ + 1, !.segs[s].st = "closed", !.segs[s].end = end[o],
                         !.segs[s].extra = Named({d \in full \ Valid(s) : syn[s][d] > 0})]
  /\ ver' = [ver EXCEPT ![o] = zk.ver + 1]
  /\ pc' = [pc EXCEPT ![o] = "register"]
  /\ end' = [end EXCEPT ![o] = 0]
  /\ UNCHANGED <<seg, conf, ans, roll, sent, disks, bucket, tries, budgets, history>>
Full(o)     == {d \in Targets(seg[o]) : syn[seg[o]][d] >= end[o]}
Close(o)    == CloseWith(o, Full(o))
\* The same, where a disk was wiped after its OK had gone out.
CloseOld(o) == /\ wipes > 0
               /\ \E d \in Ens(seg[o]) \ Valid(seg[o]) : gone[seg[o]][d] >= end[o] /\ CloseWith(o, Full(o) \cup {d})

\* Rule 5: serve only from here on.
Register(o) ==
  /\ pc[o] = "register" /\ Won(o) /\ Len(zk.segs) < MaxSeg
  /\ LET n == Len(zk.segs) + 1 IN
     /\ \E e \in NewEnsembles :
          zk' = [zk EXCEPT !.ver = @ + 1, !.segs = Append(@, Open(zk.epoch, EndOffset(n - 1), e))]
     /\ seg' = [seg EXCEPT ![o] = n]
     /\ exposed' = exposed \cup ClosedEntries(n - 1)
  /\ ver' = [ver EXCEPT ![o] = zk.ver + 1]
  /\ pc' = [pc EXCEPT ![o] = "open"]
  /\ conf' = [conf EXCEPT ![o] = 0]
  /\ UNCHANGED <<end, ans, roll, sent, disks, bucket, tries, budgets, acked, staleEnd>>

Recovery(o) == \/ Claim(o) \/ Decide(o) \/ FenceAgain(o) \/ Close(o) \/ CloseOld(o) \/ Register(o) \/ Lost(o)
               \/ \E d \in D : Fence(o, d) \/ Copy(o, d)
Writer(o)   == \/ Confirm(o) \/ AnswerEnd(o) \/ SendRoll(o) \/ ApplyRoll(o) \/ LearnRoll(o) \/ StaleRead(o)
               \/ \E b \in B : Produce(o, b)
Disk(d)     == CrashDisk(d) \/ WipeDisk(d) \/ \E s \in S : Accept(s, d) \/ Fsync(s, d) \/ Trim(s, d)
Next == (\E o \in O : Recovery(o) \/ Writer(o)) \/ (\E d \in D : Disk(d)) \/ (\E s \in S : Tier(s))
Spec == Init /\ [][Next]_vars
Symmetry == Permutations(D) \cup Permutations(B)

------------------------------------------------------------------- (* what must hold *)
Holds(s, d, i, b) == syn[s][d] >= i /\ data[s][d][i] = b
Readable(e) ==
  \E s \in 1..Len(zk.segs) :
    LET g == zk.segs[s]  i == e[1] - g.base + 1  b == e[2] IN
    /\ i >= 1
    /\ IF g.st = "closed"
       THEN i <= g.end /\ IF bucket[s] # <<>> THEN bucket[s][i] = b ELSE \E d \in Replicas(s) : Holds(s, d, i, b)
       ELSE LET k == Cardinality(Ens(s)) - Qa + 1 IN
            /\ Cardinality(Valid(s)) >= k
            /\ \A Q \in SUBSET Valid(s) : Cardinality(Q) = k => \E d \in Q : Holds(s, d, i, b)

I1_AcknowledgedStays == \A e \in acked : Readable(e)

ClosedSegs == {s \in 1..Len(zk.segs) : zk.segs[s].st = "closed"}
Served(s) == {d \in Replicas(s) : syn[s][d] > 0}
I2_NoDuplicates ==
  /\ acked \subseteq exposed
  /\ \A e, f \in exposed : e[2] = f[2] => e = f
  /\ LET log == ClosedEntries(Max(ClosedSegs \cup {0})) IN
     /\ \A e, f \in log : e[2] = f[2] => e = f
     /\ LET n == Len(zk.segs) IN zk.segs[n].st # "closed" =>
          \A d \in Valid(n) : \A i \in DOMAIN data[n][d] : \A e \in log : e[2] # data[n][d][i]

I3_ExposedStays == \A e \in exposed : Readable(e)

I4_OneValue ==
  /\ \A e, f \in exposed : e[1] = f[1] => e = f
  /\ \A s \in ClosedSegs :
       /\ s < Len(zk.segs) => zk.segs[s + 1].base = EndOffset(s)
       /\ \A i \in 1..zk.segs[s].end :
            /\ bucket[s] # <<>> => bucket[s][i] = sent[s][i]
            /\ bucket[s] # <<>> \/ \E d \in Replicas(s) : Holds(s, d, i, sent[s][i])
            /\ \A d \in Replicas(s) : syn[s][d] >= i => data[s][d][i] = sent[s][i]

I5_EndIsFinal == [][\A s \in ClosedSegs : /\ zk'.segs[s].st = "closed" /\ zk'.segs[s].end = zk.segs[s].end
                                          /\ zk'.segs[s].base = zk.segs[s].base]_vars

I6_EpochsGrow == \A s \in 1..Len(zk.segs) - 1 : zk.segs[s].epoch <= zk.segs[s + 1].epoch

I7_LatestOffset == ~staleEnd

\* Liveness: with faults over (their budgets are finite) and the last incarnation running, it opens.
Fair == Spec /\ \A o \in O : o = N =>
          /\ WF_vars(Decide(o)) /\ WF_vars(FenceAgain(o)) /\ WF_vars(Close(o)) /\ WF_vars(Register(o))
          /\ \A d \in D : WF_vars(Fence(o, d)) /\ WF_vars(Copy(o, d))
TakeoverCompletes == (pc[N] \in {"fence", "copy", "register"}) ~> (pc[N] = "open")
=============================================================================
