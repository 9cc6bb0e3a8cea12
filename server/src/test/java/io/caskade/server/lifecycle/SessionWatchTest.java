package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.SessionState;
import org.junit.jupiter.api.Test;

class SessionWatchTest {

    private final SessionWatch watch = new SessionWatch();

    @Test
    void aSessionIsNotThereBeforeItIsSaidToBe() {
        assertThat(watch.state()).isEqualTo(SessionState.SUSPENDED);
    }

    @Test
    void theStateIsTheLastThatWasTold() {
        watch.sessionChanged(SessionState.CONNECTED);
        watch.imageChanged(ClusterImage.empty(new ClusterSettings("cluster", 1)));
        assertThat(watch.state()).isEqualTo(SessionState.CONNECTED);

        watch.sessionChanged(SessionState.LOST);
        assertThat(watch.state()).isEqualTo(SessionState.LOST);
    }
}
