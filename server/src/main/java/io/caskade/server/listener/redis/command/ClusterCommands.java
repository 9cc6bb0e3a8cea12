package io.caskade.server.listener.redis.command;

import io.caskade.api.KeySlots;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.listener.redis.command.SlotMap.Range;
import io.caskade.server.listener.redis.resp.RespWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// `CLUSTER`: which node serves which slots; and what cluster clients say of a connection.
///
/// Each node is a master, whatever it leads: Redis's nodes are either masters or replicas, while a node here
/// leads some partitions and follows in others. Who follows shows in `SLOTS` and `SHARDS`.
final class ClusterCommands {

    private static final String GROUP = "cluster";
    private static final String CONSTANT = "O(1)";
    private static final String BY_NODES = "O(N)";

    /// There is no cluster bus.
    private static final String NO_BUS = "@0";

    private final ServerIdentity identity;
    private final SlotKeys slotKeys;

    ClusterCommands(ServerIdentity identity, SlotKeys slotKeys) {
        this.identity = identity;
        this.slotKeys = slotKeys;
    }

    List<RedisCommand> commands() {
        String scans = "Of whichever node; looks at each key of the partition, and fails with `TRYAGAIN` after 5 s.";
        List<RedisCommand> subcommands = List.of(
                sub("slots", 2, "3.0.0", BY_NODES, "Lists slots with the nodes that serve them.", this::slots),
                sub(
                                "shards",
                                2,
                                "7.0.0",
                                BY_NODES,
                                "Lists groups of nodes with the slots that they serve.",
                                this::shards)
                        .but("A node is in each shard whose slots it leads, or follows in sync."),
                sub("nodes", 2, "3.0.0", BY_NODES, "Lists the nodes with the slots that they serve.", this::nodes)
                        .but("Only nodes that are alive, each as a master, without the port of a cluster bus."),
                sub("info", 2, "3.0.0", CONSTANT, "Tells whether all slots are served.", _ -> info()),
                sub("myid", 2, "3.0.0", CONSTANT, "Returns the node's id.", _ -> myId()),
                sub("myshardid", 2, "7.2.0", CONSTANT, "Returns the id of the node's shard.", _ -> myShardId()),
                sub("keyslot", 3, "3.0.0", CONSTANT, "Returns the slot of a key.", ClusterCommands::keySlot),
                key("countkeysinslot", 3, "Counts the keys of a slot.", slotKeys::count)
                        .but(scans),
                key("getkeysinslot", 4, "Returns keys of a slot.", slotKeys::list)
                        .but(scans),
                sub("links", 2, "7.0.0", BY_NODES, "Lists the links between nodes.", _ -> Reply.EMPTY)
                        .but("There is no cluster bus, and none of its links."),
                sub(
                                "count-failure-reports",
                                3,
                                "3.0.0",
                                BY_NODES,
                                "Counts the nodes that report another as failed.",
                                this::countFailureReports)
                        .but("Always 0: nodes do not vote on that."));
        return List.of(
                ContainerCommands.of("cluster", GROUP, "3.0.0", "About the cluster.", subcommands),
                connection("readonly", "Reads from this node's in-sync copies from now on.", ClusterCommands::readOnly),
                connection("readwrite", "Reads from leaders only, again.", ClusterCommands::readWrite),
                connection("asking", "Accepted; no slot is ever half moved.", _ -> Reply.OK));
    }

    private static RedisCommand sub(
            String name, int arity, String since, String complexity, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of("cluster|" + name, arity, GROUP, since, complexity, summary, Handler.now(answer))
                .with(Flag.LOADING, Flag.STALE);
    }

    private static RedisCommand key(String name, int arity, String summary, Handler handler) {
        return RedisCommand.of("cluster|" + name, arity, GROUP, "3.0.0", "O(N)", summary, handler)
                .with(Flag.STALE);
    }

    private static RedisCommand connection(String name, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of(name, 1, GROUP, "3.0.0", CONSTANT, summary, Handler.now(answer))
                .with(Flag.LOADING, Flag.STALE, Flag.FAST);
    }

    private static Reply readOnly(Call call) {
        call.client().enterClusterMode();
        call.client().setReadOnly(true);
        return Reply.OK;
    }

    private static Reply readWrite(Call call) {
        call.client().enterClusterMode();
        call.client().setReadOnly(false);
        return Reply.OK;
    }

    private static Reply keySlot(Call call) {
        return Reply.integer(KeySlots.slotOf(call.argument(2)));
    }

    private Reply myId() {
        return Reply.bulk(ServerIdentity.nodeId(identity.node()));
    }

    private Reply myShardId() {
        return Reply.bulk(ServerIdentity.shardId(identity.node()));
    }

    private Reply slots(Call call) {
        call.client().enterClusterMode();
        List<Range> ranges = SlotMap.of(identity).ranges();
        Map<String, String> ids = new HashMap<>();
        return out -> {
            out.array(ranges.size());
            for (Range range : ranges) {
                out.array(3 + range.replicas().size());
                out.integer(range.first());
                out.integer(range.last());
                writeAddress(out, range.owner(), ids);
                range.replicas().forEach(replica -> writeAddress(out, replica, ids));
            }
        };
    }

    private static void writeAddress(RespWriter out, NodeInfo node, Map<String, String> ids) {
        Endpoint address = SlotMap.address(node);
        out.array(4);
        out.bulk(address.host());
        out.integer(address.port());
        out.bulk(ids.computeIfAbsent(node.id(), ServerIdentity::nodeId));
        // No other names of the node.
        out.map(0);
    }

    /// Nodes that serve slots together.
    ///
    /// @param owner the one that leads
    /// @param replicas those that follow in sync
    private record Shard(NodeInfo owner, List<NodeInfo> replicas) {}

    private Reply shards(Call call) {
        call.client().enterClusterMode();
        SlotMap slotMap = SlotMap.of(identity);
        Map<Shard, List<Range>> shards = new LinkedHashMap<>();
        Set<NodeInfo> listed = new HashSet<>();
        for (Range range : slotMap.ranges()) {
            shards.computeIfAbsent(new Shard(range.owner(), range.replicas()), _ -> new ArrayList<>())
                    .add(range);
            listed.add(range.owner());
            listed.addAll(range.replicas());
        }
        slotMap.nodes().stream()
                .filter(node -> !listed.contains(node))
                .forEach(node -> shards.put(new Shard(node, List.of()), List.of()));
        return out -> {
            out.array(shards.size());
            shards.forEach((shard, ranges) -> writeShard(out, shard, ranges));
        };
    }

    private static void writeShard(RespWriter out, Shard shard, List<Range> ranges) {
        out.map(2);
        out.bulk("slots");
        out.array(2 * ranges.size());
        for (Range range : ranges) {
            out.integer(range.first());
            out.integer(range.last());
        }
        out.bulk("nodes");
        out.array(1 + shard.replicas().size());
        writeMember(out, shard.owner(), "master");
        shard.replicas().forEach(replica -> writeMember(out, replica, "replica"));
    }

    private static void writeMember(RespWriter out, NodeInfo node, String role) {
        Endpoint address = SlotMap.address(node);
        out.map(7);
        out.bulk("id");
        out.bulk(ServerIdentity.nodeId(node.id()));
        out.bulk("port");
        out.integer(address.port());
        out.bulk("ip");
        out.bulk(address.host());
        out.bulk("endpoint");
        out.bulk(address.host());
        out.bulk("role");
        out.bulk(role);
        out.bulk("replication-offset");
        out.integer(0);
        out.bulk("health");
        out.bulk("online");
    }

    private Reply nodes(Call call) {
        call.client().enterClusterMode();
        SlotMap slotMap = SlotMap.of(identity);
        Map<NodeInfo, StringBuilder> slots = new HashMap<>();
        for (Range range : slotMap.ownedRanges()) {
            slots.computeIfAbsent(range.owner(), _ -> new StringBuilder())
                    .append(' ')
                    .append(range.first())
                    .append(range.size() == 1 ? "" : "-" + range.last());
        }
        StringBuilder lines = new StringBuilder();
        for (NodeInfo node : slotMap.nodes()) {
            Endpoint address = SlotMap.address(node);
            lines.append(ServerIdentity.nodeId(node.id()))
                    .append(' ')
                    .append(address.host())
                    .append(':')
                    .append(address.port())
                    .append(NO_BUS)
                    .append(slotMap.isSelf(node) ? " myself,master" : " master")
                    .append(" - 0 0 ")
                    .append(slotMap.epochOf(node))
                    .append(" connected")
                    .append(slots.getOrDefault(node, new StringBuilder()))
                    .append('\n');
        }
        return Reply.verbatim(lines.toString());
    }

    private Reply info() {
        SlotMap slotMap = SlotMap.of(identity);
        int served = slotMap.servedSlots();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("cluster_state", slotMap.isUp() ? "ok" : "fail");
        fields.put("cluster_slots_assigned", slotMap.assignedSlots());
        fields.put("cluster_slots_ok", served);
        fields.put("cluster_slots_pfail", 0);
        fields.put("cluster_slots_fail", slotMap.assignedSlots() - served);
        fields.put("cluster_known_nodes", slotMap.nodes().size());
        fields.put(
                "cluster_size",
                slotMap.ownedRanges().stream().map(Range::owner).distinct().count());
        fields.put("cluster_current_epoch", slotMap.epoch());
        fields.put(
                "cluster_my_epoch",
                slotMap.nodes().stream()
                        .filter(slotMap::isSelf)
                        .mapToInt(slotMap::epochOf)
                        .sum());
        fields.put("cluster_stats_messages_sent", 0);
        fields.put("cluster_stats_messages_received", 0);
        fields.put("total_cluster_links_buffer_limit_exceeded", 0);
        StringBuilder text = new StringBuilder();
        fields.forEach(
                (field, value) -> text.append(field).append(':').append(value).append("\r\n"));
        return Reply.verbatim(text.toString());
    }

    private Reply countFailureReports(Call call) {
        String wanted = Arguments.latin1(call.argument(2));
        boolean known = SlotMap.of(identity).nodes().stream()
                .anyMatch(node -> ServerIdentity.nodeId(node.id()).equals(wanted));
        if (!known) {
            throw new RedisError("ERR Unknown node " + wanted);
        }
        return Reply.ZERO;
    }
}
