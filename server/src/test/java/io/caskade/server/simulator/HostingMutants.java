package io.caskade.server.simulator;

import java.util.List;

/// Mistakes in what hosts the copies on a node: the code that carries effects out, brings clients' commands in,
/// and opens and replaces copies.
final class HostingMutants {

    private HostingMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.hosting(
                        "an answer is given without a look at the lease",
                        "CommandExecutor",
                        "boolean hasLease = driver.hasLease();",
                        "boolean hasLease = true;"),
                Mutant.hosting(
                        "the lease that is published is never cut short",
                        "ReplicaDriver",
                        "leaseExpiresAt = replica.leaseExpiresAt();\n        if",
                        "if (leaseExpiresAt.isBefore(replica.leaseExpiresAt())) { leaseExpiresAt = replica.leaseExpiresAt(); }\n        if"),
                Mutant.hosting(
                        "a role is published before the records committed with it are visible",
                        "ReplicaDriver",
                        "        effects.commit().ifPresent(this::commit);\n",
                        "        role = replica.role();\n        effects.commit().ifPresent(this::commit);\n"),
                Mutant.rareHosting(
                        "a node that stops hands over all partitions at once",
                        "StaggeredStop",
                        "due.thenCompose(_ -> leader.stop())",
                        "leader.stop().toCompletableFuture()"),
                Mutant.rareHosting(
                        "a leader that is stuck holds up the others",
                        "StaggeredStop",
                        "                if (!end.isDone()) {",
                        "                if (end.isCancelled()) {"),
                Mutant.rareHosting(
                        "leaders wait for their turn however long that takes",
                        "StaggeredStop",
                        "CompletableFuture.anyOf(turn, allAtOnce)",
                        "turn"),
                Mutant.rareHosting(
                        "followers wait for leaders however long those take",
                        "StaggeredStop",
                        "CompletableFuture.anyOf(stopInTurns(leaders, limitMillis, ends), allAtOnce)",
                        "stopInTurns(leaders, limitMillis, ends)"),
                Mutant.rareHosting(
                        "a copy is deleted while its leader may take it for alive",
                        "CopyDeletions",
                        "clock.now().monotonic() + grantMillis",
                        "clock.now().monotonic()"),
                Mutant.rareHosting(
                        "an error in a step is swallowed",
                        "ReplicaDriver",
                        "            fail(e);\n            throw e;",
                        "            LOG.error(\"an error\", e);"),
                Mutant.hosting(
                        "the bytes of a write are not given back",
                        "CommandExecutor",
                        "                write.hold().release();\n                settle(",
                        "                settle("),
                Mutant.hosting(
                        "the bytes of a record that is committed are not given back",
                        "InFlightKeys",
                        "    private void forget(Change change) {\n        change.hold().release();\n",
                        "    private void forget(Change change) {\n"),
                Mutant.rareHosting(
                        "a read of a copy that has become incomplete meanwhile is answered",
                        "CommandExecutor",
                        "} else if (store.highWatermark() > driver.highWatermark()) {",
                        "} else if (store.highWatermark() < 0) {"),
                Mutant.rareHosting(
                        "a replica that has come as far answers with the position that was asked for",
                        "CommandExecutor",
                        "new Position(partition, driver.highWatermarkEpoch(), driver.highWatermark());",
                        "new Position(partition, get.read().epoch(), get.read().sequence());"),
                Mutant.rareHosting(
                        "a replica shows what the log says has expired",
                        "CommandExecutor",
                        "return entry == null || entry.isExpiredAt(logTime)",
                        "return entry == null"),
                Mutant.rareHosting(
                        "a replica takes its own clock for the log's",
                        "CommandExecutor",
                        "return entry == null || entry.isExpiredAt(logTime)",
                        "return entry == null || entry.isExpiredAt(now())"),
                Mutant.hosting(
                        "a copy that could not be opened is never tried again",
                        "ReplicaManager",
                        "now - at >= openRetryMillis && ",
                        "at < 0 && "),
                Mutant.rareHosting(
                        "a copy that is damaged when it is opened supports no node that wants to lead",
                        "ReplicaManager",
                        "                case Message.PreVoteRequest request -> answerForDamagedCopy(sender, partition, request);\n",
                        ""),
                Mutant.hosting(
                        "a copy that is not needed is never deleted",
                        "CopyDeletions",
                        "                remover.delete(id);\n",
                        ""),
                Mutant.hosting(
                        "a copy is deleted on the word of an image that may be behind",
                        "CopyDeletions",
                        "            boolean safe = state.isSafeWithout(node);\n",
                        "            boolean safe = state.id() >= 0;\n"),
                Mutant.rareHosting(
                        "a record is looked for in a copy that is closed",
                        "CopyReader",
                        "long location = read(store, copy -> copy.locate(hash));",
                        "long location = store.locate(hash);"),
                Mutant.hosting(
                        "a copy that could not be replaced never stops",
                        "ReplicaDriver",
                        "if (stopping && replaceFailedAt != null) {",
                        "if (broken && replaceFailedAt != null) {"),
                Mutant.rareHosting(
                        "a copy that is deleted is not closed", "ReplicaManager", "            copy.release();\n", ""),
                Mutant.rareHosting(
                        "a deletion that failed is given up",
                        "CopyDeletions",
                        "trying again\", id, cause);\n        slots.keepUnfinished(id);\n",
                        "trying again\", id, cause);\n"),
                Mutant.rareHosting(
                        "a copy that was needed for a moment when it should be deleted stays for ever",
                        "CopySlots",
                        "            unfinished.add(partition);\n",
                        ""),
                Mutant.rareHosting(
                        "a copy is deleted though no node leads",
                        "CopyDeletions",
                        "return !stopping && led && ",
                        "return !stopping && "),
                Mutant.hosting(
                        "a copy that is damaged when it is opened is given up",
                        "ReplicaManager",
                        "            awaitingWholeLeader.add(id);\n",
                        ""),
                Mutant.rareHosting(
                        "a copy that is damaged when it is opened is set aside before another is known to be whole",
                        "ReplicaManager",
                        "            awaitingWholeLeader.add(id);\n",
                        "            workers.execute(() -> open(id, true));\n"),
                Mutant.rareHosting(
                        "a copy that is damaged when it is opened is set aside for a leader that is damaged",
                        "ReplicaManager",
                        "leads && !heartbeat.damaged() && ",
                        "leads && "),
                Mutant.rareHosting(
                        "a copy that is damaged when it is opened is set aside for an earlier leader",
                        "ReplicaManager",
                        "if (leads && ",
                        "if ("),
                Mutant.rareHosting(
                        "what a deposed leader had in flight is decided on when it leads again",
                        "ReplicaDriver",
                        "if (!leads(role)) {",
                        "if (broken) {"),
                Mutant.hosting(
                        "another copy is announced before it is there",
                        "HostedPartition",
                        "                replace();\n                loop.execute(driver::onReplaced);",
                        "                loop.execute(driver::onReplaced);\n                replace();"),
                Mutant.hosting(
                        "a group that did not fit on the disk is taken for written",
                        "ReplicaDriver",
                        "step(new Event.AppendRejected());\n        } catch (IOException e) {\n            onFailure(store(), e);\n        }\n    }\n\n    /// A full disk",
                        "step(new Event.Appended());\n        } catch (IOException e) {\n            onFailure(store(), e);\n        }\n    }\n\n    /// A full disk"),
                Mutant.hosting(
                        "a chunk that was not stored is taken for stored",
                        "ReplicaDriver",
                        "            step(new Event.AppendRejected());\n        } catch (MalformedBatchesException e) {",
                        "            step(new Event.ReplicatedAppended());\n        } catch (MalformedBatchesException e) {"),
                Mutant.hosting(
                        "a sync that failed is taken for one that did not",
                        "ReplicaDriver",
                        "dependencies.loop().execute(() -> onFailure(synced, e));",
                        "dependencies.loop().execute(() -> onSynced(synced, sync));"),
                Mutant.hosting(
                        "a sync is told of before it has run",
                        "ReplicaDriver",
                        "            sync.run();\n            dependencies.loop().execute(() -> onSynced(synced, sync));",
                        "            dependencies.loop().execute(() -> onSynced(synced, sync));\n            sync.run();"),
                Mutant.hosting(
                        "a condition is decided on the committed record alone",
                        "CommandExecutor",
                        "InFlightKeys.State state = inFlight.of(command.key());",
                        "InFlightKeys.State state = command.bytes() < 0 ? inFlight.of(command.key()) : null;"),
                Mutant.hosting(
                        "a condition is decided on a record that was replaced since it was fetched",
                        "CommandExecutor",
                        "if (state == null && fetched != null && !",
                        "if (state != null && fetched != null && !"),
                Mutant.hosting(
                        "an answer rests on no record though one in flight decided it",
                        "CommandExecutor",
                        "long dependsOn = state != null ? state.sequence() : 0;",
                        "long dependsOn = 0;"),
                Mutant.hosting(
                        "a read does not wait for the log to be told the time",
                        "CommandExecutor",
                        "return getAt(key, withValue, now, epoch);",
                        "return answer(null, epoch);"),
                Mutant.hosting(
                        "merges forget tombstones that not all copies have",
                        "HostedPartition",
                        "driver::localPurgeHorizon",
                        "() -> Long.MAX_VALUE"),
                Mutant.rareHosting(
                        "a sync of a copy that was replaced counts for the new one",
                        "ReplicaDriver",
                        "        if (isInUse(synced)) {\n            syncing = false;",
                        "        if (!replacing) {\n            syncing = false;"),
                Mutant.rareHosting(
                        "a copy that is not whole counts what it knows to be committed",
                        "HostedPartition",
                        "store.highWatermark() < bounds.completeAt() ? 0 : store.highWatermark())",
                        "store.highWatermark())"),
                Mutant.rareHosting(
                        "bounds are not kept",
                        "ReplicaDriver",
                        "                saved.saveBounds(bounds);\n",
                        "                if (bounds.purgeHorizon() < 0) { saved.saveBounds(bounds); }\n"),
                Mutant.rareHosting(
                        "records are stored before the bounds they came with",
                        "ReplicaDriver",
                        "        if (pendingBounds != null) {\n            heldAppend = wanted;",
                        "        if (broken) {\n            heldAppend = wanted;"),
                Mutant.rareHosting(
                        "an append that waited for its bounds is stored though nothing waits for it any more",
                        "ReplicaDriver",
                        "if (!broken && replica.isAwaiting(held.append())) {",
                        "if (!broken) {"),
                Mutant.rareHosting(
                        "a copy is replaced while its bounds are written",
                        "ReplicaDriver",
                        "replaceOnceSaved = savingBounds;\n            if (!savingBounds) {",
                        "replaceOnceSaved = false;\n            if (replacing) {"),
                Mutant.command(
                        "a check of a batch is not looked at",
                        "BatchDecision",
                        "if (!CommandDecision.holds(check.condition(), records.of(check.key()))) {",
                        "if (records.of(check.key()) == null && i < 0) {"),
                Mutant.command(
                        "a version that was read is not compared",
                        "CommandDecision",
                        "record != null && record.version() == expected.version();",
                        "record != null;"),
                Mutant.hosting(
                                "a batch that only checks is answered without a look at the lease",
                                "BatchExecutor",
                                "            driver.awaitReadBarrier(records.dependsOn, records.needsTime ? now : 0, refusal -> {\n",
                                "            ((java.util.function.Consumer<Refusal>) refusal -> {\n")
                        .and(
                                "                settle(write, decision.result(), epoch, refusal);\n            });\n",
                                "                settle(write, decision.result(), epoch, refusal);\n            }).accept(null);\n"),
                Mutant.hosting(
                        "a batch is decided on the committed records alone",
                        "BatchExecutor",
                        "            if (state == null) {\n",
                        "            if (state == null || now > 0) {\n"),
                Mutant.hosting(
                        "a batch is decided on a record that was replaced since it was fetched",
                        "BatchExecutor",
                        "if (!current && inFlight.of(",
                        "if (fetched == null && inFlight.of("),
                Mutant.hosting(
                        "a failed check rests on no record though one in flight decided it",
                        "BatchExecutor",
                        "dependsOn = Math.max(dependsOn, state.sequence());",
                        "dependsOn = Math.max(dependsOn, 0);"),
                Mutant.command(
                        "a command of a batch does not see what one before it wrote",
                        "BatchDecision",
                        "return written.containsKey(key) ? written.get(key) : records.of(command.key());",
                        "return records.of(command.key());"),
                Mutant.command(
                        "what the commands before a failed one have written is dropped",
                        "BatchDecision",
                        "                return;\n            }\n            outcomes.add",
                        "                drafts.clear();\n                return;\n            }\n            outcomes.add"),
                Mutant.hosting(
                        "the records of a batch go to the log as batches of their own",
                        "ReplicaDriver",
                        "                }\n            }\n            encoder.endBatch();",
                        "                }\n                encoder.endBatch();\n            }"),
                Mutant.hosting(
                        "a batch is answered when only its leader holds it",
                        "BatchExecutor",
                        "driver.propose(drafts, Acks.ALL, refusal -> {",
                        "driver.propose(drafts, Acks.LEADER, refusal -> {"),
                Mutant.hosting(
                        "the bytes of a batch are not given back",
                        "BatchExecutor",
                        "                write.hold().release();\n                settle(",
                        "                settle("),
                Mutant.hosting(
                        "a write overtakes one of its key whose record is being fetched",
                        "WriteOrder",
                        "if (before != null) {",
                        "if (before != null && before.isEmpty()) {"),
                Mutant.rareHosting(
                        "a batch of two partitions is taken",
                        "CommandRouter",
                        "if (other != partition) {",
                        "if (other < 0) {"),
                Mutant.rareHosting(
                        "a read that has seen a part of a batch is answered before the rest is visible",
                        "CommandExecutor",
                        "if (hasLease && !driver.isCommittingBatch()) {",
                        "if (hasLease) {"),
                Mutant.hosting(
                        "a refused batch is still taken for one in flight",
                        "BatchExecutor",
                        "                inFlight.removeRefused(first, drafts.size());\n",
                        ""));
    }
}
