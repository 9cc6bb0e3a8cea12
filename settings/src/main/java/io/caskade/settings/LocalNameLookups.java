package io.caskade.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.net.spi.InetAddressResolverProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Keeps a name service that does not answer from holding up a process that needs none.
///
/// Libraries ask for two things without need, each of which takes 10 s or more then: ZooKeeper and its client
/// for this machine's address, to log it, and for the names of addresses that the settings give as numbers. So
/// the name of an address is its text, and this machine's own name is looked up for half a second at most: a
/// system that knows it locally takes a millisecond. Other names are looked up as ever.
///
/// The programs register it in `META-INF/services`; a library must not decide this for others.
public final class LocalNameLookups extends InetAddressResolverProvider {

    private static final Duration OWN_NAME_LIMIT = Duration.ofMillis(500);

    /// For the JDK.
    public LocalNameLookups() {}

    @Override
    public String name() {
        return "caskade";
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        return resolver(configuration.builtinResolver(), configuration::lookupLocalHostName, OWN_NAME_LIMIT);
    }

    /// @param system asks the name service
    /// @param limit how long this machine's own name may take
    static InetAddressResolver resolver(InetAddressResolver system, Supplier<String> ownName, Duration limit) {
        OwnNameLookup own = new OwnNameLookup(system, limit);
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                return host.equalsIgnoreCase(ownName.get())
                        ? own.lookUp(host, policy)
                        : system.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                throw new UnknownHostException("the names of addresses are not looked up");
            }
        };
    }

    /// Looks up this machine's own name, one lookup at a time. A caller that asks while one is late is refused
    /// at once.
    private static final class OwnNameLookup {

        private final InetAddressResolver system;
        private final Duration limit;
        private CompletableFuture<List<InetAddress>> late = CompletableFuture.completedFuture(List.of());

        OwnNameLookup(InetAddressResolver system, Duration limit) {
            this.system = system;
            this.limit = limit;
        }

        synchronized Stream<InetAddress> lookUp(String host, LookupPolicy policy) throws UnknownHostException {
            if (!late.isDone()) {
                throw new UnknownHostException(host + ": an earlier lookup has no answer yet");
            }
            CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
            Thread.ofPlatform().daemon().name("own-name").start(() -> {
                try (Stream<InetAddress> addresses = system.lookupByName(host, policy)) {
                    found.complete(addresses.toList());
                } catch (UnknownHostException | RuntimeException | Error e) {
                    found.completeExceptionally(e);
                }
            });
            try {
                return found.get(limit.toMillis(), TimeUnit.MILLISECONDS).stream();
            } catch (TimeoutException e) {
                late = found;
                throw unknown(host, "no answer within " + limit.toMillis() + " ms", e);
            } catch (ExecutionException e) {
                throw unknown(host, String.valueOf(e.getCause()), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw unknown(host, "interrupted", e);
            }
        }

        private static UnknownHostException unknown(String host, String why, Exception cause) {
            UnknownHostException unknown = new UnknownHostException(host + ": " + why);
            unknown.initCause(cause);
            return unknown;
        }
    }
}
