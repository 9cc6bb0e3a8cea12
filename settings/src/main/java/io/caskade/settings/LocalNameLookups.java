package io.caskade.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.net.spi.InetAddressResolverProvider;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Keeps a name service that does not answer from holding up a process that needs none.
///
/// Libraries ask for two things without need, each of which takes 10 s or more then: ZooKeeper and its client for
/// this machine's address, to log it, and for the names of addresses that the settings give as numbers. So the
/// name of an address is its text, and this machine's own name is looked up for a second at most: a system that
/// knows it locally takes a millisecond. Other names are looked up as ever.
///
/// The programs register it in `META-INF/services`; a library must not decide this for others.
public final class LocalNameLookups extends InetAddressResolverProvider {

    private static final Duration OWN_NAME_LIMIT = Duration.ofSeconds(1);

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
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                return host.equalsIgnoreCase(ownName.get())
                        ? within(limit, system, host, policy)
                        : system.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                throw new UnknownHostException("the names of addresses are not looked up");
            }
        };
    }

    private static Stream<InetAddress> within(
            Duration limit, InetAddressResolver system, String host, LookupPolicy policy) throws UnknownHostException {
        CompletableFuture<Stream<InetAddress>> found = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("own-name").start(() -> {
            try {
                found.complete(system.lookupByName(host, policy));
            } catch (UnknownHostException | RuntimeException | Error e) {
                found.completeExceptionally(e);
            }
        });
        try {
            return found.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
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
