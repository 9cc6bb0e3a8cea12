package io.caskade.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Records all notifications. Thread-safe.
public final class RecordingObserver implements Coordinator.Observer {

    private final List<ClusterImage> images = new CopyOnWriteArrayList<>();
    private final List<SessionState> sessions = new CopyOnWriteArrayList<>();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile @Nullable NodeIdTakenException refusal;

    @Override
    public void imageChanged(ClusterImage image) {
        threads.add(Thread.currentThread());
        images.add(image);
    }

    @Override
    public void sessionChanged(SessionState state) {
        threads.add(Thread.currentThread());
        sessions.add(state);
    }

    @Override
    public void registrationRefused(NodeIdTakenException taken) {
        threads.add(Thread.currentThread());
        refusal = taken;
    }

    /// The images so far, oldest first.
    public List<ClusterImage> images() {
        return images;
    }

    /// How the session stood, oldest first.
    public List<SessionState> sessions() {
        return sessions;
    }

    /// The threads that called.
    public Set<Thread> threads() {
        return threads;
    }

    /// Why the registration was given up, null when it was not.
    public @Nullable NodeIdTakenException refusal() {
        return refusal;
    }

    /// Waits for an image, the newest at some moment, that is as wanted.
    public ClusterImage awaitImage(Predicate<ClusterImage> wanted) {
        await().untilAsserted(() -> {
            assertThat(images).isNotEmpty();
            assertThat(images.getLast()).matches(wanted);
        });
        return images.getLast();
    }

    /// Waits until the session stands so.
    public void awaitSession(SessionState wanted) {
        await().untilAsserted(() -> assertThat(sessions).endsWith(wanted));
    }
}
