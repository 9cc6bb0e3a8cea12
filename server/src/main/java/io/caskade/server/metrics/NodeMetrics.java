package io.caskade.server.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.server.admin.AdminOperations;
import io.caskade.server.admin.NodeStatus;
import io.caskade.server.cluster.ClusterImage;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// A node's metrics. `docs/metrics.md` lists them. Thread-safe.
public final class NodeMetrics implements AutoCloseable {

    /// The media type of a scrape.
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final AdminOperations admin;
    private final Supplier<Optional<ClusterImage>> image;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollections = new JvmGcMetrics();
    private final PartitionGauges partitions = new PartitionGauges(registry);
    private final AtomicInteger statusKnown = new AtomicInteger();

    /// Starts to measure.
    ///
    /// @param admin asked for the status of the copies at each scrape
    /// @param image the newest image of the cluster, once there is one
    /// @param readBytes the bytes of values that are being read or sent
    public NodeMetrics(AdminOperations admin, Supplier<Optional<ClusterImage>> image, Supplier<Number> readBytes) {
        this.admin = admin;
        this.image = image;
        gauge(
                "caskade.reads.held.bytes",
                "Bytes of values that are being read or sent to clients; limits.reads bounds them.",
                readBytes);
        Gauge.builder("caskade.status.known", statusKnown, AtomicInteger::get)
                .description("1 if all copies said how they are, 0 if one did not in time: then there are no"
                        + " caskade_partition gauges.")
                .register(registry);
        List.of(
                        new JvmMemoryMetrics(),
                        garbageCollections,
                        new JvmThreadMetrics(),
                        new ProcessorMetrics(),
                        new FileDescriptorMetrics(),
                        new UptimeMetrics())
                .forEach(binder -> binder.bindTo(registry));
    }

    /// Counts the requests of a protocol.
    ///
    /// @param protocol the label `protocol`
    public RequestTimers requests(String protocol) {
        return new RequestTimers(registry, protocol);
    }

    /// Adds a gauge without labels.
    ///
    /// @param name with dots; Prometheus sees underscores
    public void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    /// Adds a counter without labels.
    ///
    /// @param name with dots; Prometheus sees underscores, and `_total`
    public void counter(String name, String description, ToDoubleFunction<NodeMetrics> value) {
        FunctionCounter.builder(name, this, value).description(description).register(registry);
    }

    /// All metrics, as [#CONTENT_TYPE].
    ///
    /// @param threads writes them
    public CompletionStage<byte[]> scrape(Executor threads) {
        return admin.describe()
                .handle((status, failure) -> failure == null ? Optional.of(status) : Optional.<NodeStatus>empty())
                .thenApplyAsync(this::scrape, threads);
    }

    private synchronized byte[] scrape(Optional<NodeStatus> status) {
        statusKnown.set(status.isPresent() ? 1 : 0);
        partitions.update(status.orElseGet(() -> new NodeStatus("", "", "", List.of())), image.get());
        return registry.scrape().getBytes(UTF_8);
    }

    @Override
    public void close() {
        garbageCollections.close();
        registry.close();
    }
}
