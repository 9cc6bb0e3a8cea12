package io.caskade.server.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ZnodeJsonTest {

    private static final PartitionState LED = PartitionState.withoutLeader(3, List.of("a", "b"), 1)
            .withLeadership(new NodeIncarnation("a", "i"), 2, Set.of(new CopyId("a", "c1"), new CopyId("b", "c2")));

    @Test
    void aPartitionIsReadAsItWasWritten() throws Exception {
        assertRead(PartitionState.withoutLeader(3, List.of("a", "b"), 2));
        assertRead(LED);
        assertRead(LED.withTarget(List.of("c", "b")));
        assertRead(LED.withSuccessor("b"));
    }

    @Test
    void stateWithoutATargetIsReadAsAPartitionThatDoesNotMove() throws Exception {
        String earlier = """
                {"id":3,"replicas":["a","b"],"leader":{"node":"a","incarnation":"i"},"epoch":2,
                 "inSync":[{"node":"a","copy":"c1"},{"node":"b","copy":"c2"}],"minInSync":1}""";

        assertThat(ZnodeJson.readPartition(earlier.getBytes(UTF_8), "3")).isEqualTo(LED);
    }

    @Test
    void anInvalidPartitionIsRefused() {
        String successorOutOfSync = """
                {"id":3,"replicas":["a","b"],"epoch":2,"inSync":[{"node":"a","copy":"c1"}],"minInSync":1,
                 "successor":"b"}""";

        assertThatThrownBy(() -> ZnodeJson.readPartition(successorOutOfSync.getBytes(UTF_8), "3"))
                .isInstanceOf(ZnodeJson.UnreadableException.class)
                .hasMessageContaining("the successor must be in sync");
    }

    private static void assertRead(PartitionState state) throws Exception {
        assertThat(ZnodeJson.readPartition(ZnodeJson.write(state), "3")).isEqualTo(state);
    }
}
