package io.caskade.server.proxy;

import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.proxy.ForwardedCall.Question;
import io.caskade.server.proxy.ForwardingPlan.Kind;
import io.caskade.server.proxy.PeerCommands.Attempt;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// Lets a simulator put requests of its own through a proxy.
public final class ProxyProbe {

    private ProxyProbe() {}

    /// Asks another node.
    ///
    /// @param <T> the answer
    public interface Remote<T> {
        /// Asks it.
        Attempt<T> at(NodeInfo node, long timeoutMillis);
    }

    /// Begins a request.
    ///
    /// @param forwarded whether another node passed it on
    /// @param here asks this node
    public static <T> CompletionStage<T> start(
            CommandProxy proxy,
            Kind kind,
            int partition,
            boolean forwarded,
            long deadline,
            Supplier<CompletionStage<T>> here,
            Remote<T> remote) {
        return proxy.start(kind, partition, forwarded, 0, deadline, new Question<T>() {
            @Override
            public CompletionStage<T> here() {
                return here.get();
            }

            @Override
            public Attempt<T> at(NodeInfo node, long timeoutMillis) {
                return remote.at(node, timeoutMillis);
            }
        });
    }
}
