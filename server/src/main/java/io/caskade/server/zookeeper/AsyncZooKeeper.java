package io.caskade.server.zookeeper;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/// ZooKeeper's asynchronous calls as futures, each sent once and never retried. Calls are sent and completed on
/// the coordinator's thread, in the order they were made; they fail with [KeeperException]. Without a
/// connection they fail at once with the code for a lost connection, and are not sent.
final class AsyncZooKeeper {

    private static final Set<Code> UNANSWERED = EnumSet.of(
            Code.CONNECTIONLOSS,
            Code.OPERATIONTIMEOUT,
            Code.REQUESTTIMEOUT,
            Code.SESSIONEXPIRED,
            Code.SESSIONMOVED,
            Code.THROTTLEDOP);

    private final CuratorFramework client;
    private final ZnodeAcls acls;
    private final CoordinatorThread thread;

    AsyncZooKeeper(CuratorFramework client, ZnodeAcls acls, CoordinatorThread thread) {
        this.client = client;
        this.acls = acls;
        this.thread = thread;
    }

    /// A znode's content and version.
    static final class Znode {
        private final byte[] data;
        private final Stat stat;

        Znode(byte[] data, Stat stat) {
            this.data = data;
            this.stat = stat;
        }

        byte[] data() {
            return data;
        }

        Stat stat() {
            return stat;
        }
    }

    /// The outcome of a transaction.
    ///
    /// @param code the code of the first failed operation, or of the connection
    /// @param results one per operation; empty when no server answered
    record Outcome(Code code, List<OpResult> results) {}

    CompletableFuture<String> create(String path, byte[] data, CreateMode mode) {
        return call((zooKeeper, reply) -> zooKeeper.create(
                path,
                data,
                acls.getAclForPath(path),
                mode,
                (int code, @Nullable String of, @Nullable Object context, String name) ->
                        settle(reply, code, path, name),
                null));
    }

    /// An operation for [#multi]: creates a persistent znode.
    Op createOp(String path, byte[] data) {
        return Op.create(path, data, acls.getAclForPath(path), CreateMode.PERSISTENT);
    }

    CompletableFuture<Stat> setData(String path, byte[] data, int version) {
        return call((zooKeeper, reply) -> zooKeeper.setData(
                path, data, version, (code, of, context, stat) -> settle(reply, code, path, stat), null));
    }

    CompletableFuture<String> delete(String path, int version) {
        return call((zooKeeper, reply) ->
                zooKeeper.delete(path, version, (code, of, context) -> settle(reply, code, path, path), null));
    }

    CompletableFuture<Znode> get(String path) {
        return call((zooKeeper, reply) -> get(zooKeeper, path, reply));
    }

    /// A linearizable read: `sync`, then read. A server answers in order, so the read need not wait for the
    /// answer to `sync`; a failure of one fails the other.
    CompletableFuture<Znode> syncAndGet(String path) {
        return call((zooKeeper, reply) -> {
            zooKeeper.sync(path, (code, of, context) -> failUnlessOk(reply, code, path), null);
            get(zooKeeper, path, reply);
        });
    }

    /// Applies all operations or none. Never fails: the outcome says how it ended.
    CompletableFuture<Outcome> multi(List<Op> operations) {
        return this.<Outcome>call((zooKeeper, reply) -> zooKeeper.multi(
                        operations,
                        (code, of, context, results) -> thread.execute(() -> reply.complete(
                                new Outcome(Code.get(code), results == null ? List.of() : List.copyOf(results)))),
                        null))
                .exceptionally(failure -> new Outcome(codeOf(failure), List.of()));
    }

    /// The code with which a future of this class failed.
    static Code codeOf(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof KeeperException keeper ? keeper.code() : Code.SYSTEMERROR;
    }

    /// Whether no answer came, so that the call may or may not have been applied, and a retry may succeed.
    static boolean isUnanswered(Code code) {
        return UNANSWERED.contains(code);
    }

    private void get(ZooKeeper zooKeeper, String path, CompletableFuture<Znode> reply) {
        zooKeeper.getData(
                path,
                false,
                (code, of, context, data, stat) -> settle(
                        reply,
                        code,
                        path,
                        code == Code.OK.intValue() ? new Znode(data == null ? new byte[0] : data, stat) : null),
                null);
    }

    private <T> CompletableFuture<T> call(Start<T> start) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        thread.execute(() -> {
            try {
                if (!client.getZookeeperClient().isConnected()) {
                    throw new KeeperException.ConnectionLossException();
                }
                start.begin(client.getZookeeperClient().getZooKeeper(), reply);
            } catch (Exception e) {
                reply.completeExceptionally(e);
            }
        });
        return reply;
    }

    private <T> void settle(CompletableFuture<T> reply, int code, String path, @Nullable T value) {
        if (value != null && code == Code.OK.intValue()) {
            thread.execute(() -> reply.complete(value));
        } else {
            failUnlessOk(reply, code, path);
        }
    }

    private void failUnlessOk(CompletableFuture<?> reply, int code, String path) {
        if (code != Code.OK.intValue()) {
            thread.execute(() -> reply.completeExceptionally(KeeperException.create(Code.get(code), path)));
        }
    }

    private interface Start<T> {
        void begin(ZooKeeper zooKeeper, CompletableFuture<T> reply) throws Exception;
    }
}
