package io.caskade.bitcask.disk;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Locks a file for one open file description (`F_OFD_SETLK` of Linux).
///
/// The JDK locks for the process, and the system drops such a lock as soon as the process closes any descriptor
/// of the file: one that copies the directory has lost it. This lock ends only when it is released, or with the
/// process. The two kinds exclude each other.
///
/// Used only where the process allows native access, since the JVM would print a warning otherwise.
final class OpenFileLock {

    private static final Logger LOG = LoggerFactory.getLogger(OpenFileLock.class);

    // Of Linux, on the machines named in `MACHINES`.
    private static final Set<String> MACHINES = Set.of("amd64", "aarch64");
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final int F_OFD_SETLK = 37;
    private static final short F_WRLCK = 1;
    private static final short SEEK_SET = 0;
    private static final int EAGAIN = 11;
    private static final int EACCES = 13;
    private static final int FLOCK_BYTES = 32;
    private static final int FLOCK_WHENCE = 2;

    /// What came of an attempt.
    enum Outcome {
        LOCKED,
        /// Another open file has it locked.
        TAKEN,
        /// This kind of lock cannot be had here.
        UNAVAILABLE
    }

    /// The functions of the C library.
    private record C(
            MethodHandle open,
            MethodHandle fcntl,
            MethodHandle ftruncate,
            MethodHandle close,
            StructLayout state,
            VarHandle errno) {}

    private static final class Functions {
        static final @Nullable C FOUND = find();

        private Functions() {}

        @SuppressWarnings("restricted") // The JDK has no lock that closing another channel leaves alone; see the class.
        private static @Nullable C find() {
            boolean known = System.getProperty("os.name", "").equals("Linux")
                    && MACHINES.contains(System.getProperty("os.arch", ""));
            if (!known || !OpenFileLock.class.getModule().isNativeAccessEnabled()) {
                return null;
            }
            try {
                Linker linker = Linker.nativeLinker();
                StructLayout state = Linker.Option.captureStateLayout();
                Linker.Option errno = Linker.Option.captureCallState("errno");
                return new C(
                        linker.downcallHandle(
                                linker.defaultLookup().findOrThrow("open"),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                                Linker.Option.firstVariadicArg(2)),
                        linker.downcallHandle(
                                linker.defaultLookup().findOrThrow("fcntl"),
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.ADDRESS),
                                Linker.Option.firstVariadicArg(2),
                                errno),
                        linker.downcallHandle(
                                linker.defaultLookup().findOrThrow("ftruncate"),
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)),
                        linker.downcallHandle(
                                linker.defaultLookup().findOrThrow("close"),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)),
                        state,
                        state.varHandle(MemoryLayout.PathElement.groupElement("errno")));
            } catch (RuntimeException | LinkageError e) {
                LOG.debug("the C library cannot be asked for locks; the JDK's are used", e);
                return null;
            }
        }
    }

    private final C c;
    private final int descriptor;

    private OpenFileLock(C c, int descriptor) {
        this.c = c;
        this.descriptor = descriptor;
    }

    /// An attempt to lock a file.
    ///
    /// @param lock present if it is locked
    record Attempt(Outcome outcome, Optional<OpenFileLock> lock) {
        private static Attempt failed(Outcome outcome) {
            return new Attempt(outcome, Optional.empty());
        }
    }

    /// Tries to lock a file that exists and may be written.
    static Attempt tryLock(Path file) {
        C c = Functions.FOUND;
        if (c == null) {
            return Attempt.failed(Outcome.UNAVAILABLE);
        }
        try (Arena arena = Arena.ofConfined()) {
            Charset names = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
            int descriptor = (int) c.open.invokeExact(arena.allocateFrom(file.toString(), names), O_RDWR | O_CLOEXEC);
            if (descriptor < 0) {
                return Attempt.failed(Outcome.UNAVAILABLE);
            }
            OpenFileLock lock = new OpenFileLock(c, descriptor);
            Outcome outcome = lock.lockAll(arena);
            if (outcome != Outcome.LOCKED) {
                lock.release();
                return Attempt.failed(outcome);
            }
            return new Attempt(outcome, Optional.of(lock));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a function of C throws nothing", e);
        }
    }

    /// The rest of the struct, its start and its length, is 0: all of the file.
    private Outcome lockAll(Arena arena) throws Throwable {
        MemorySegment flock = arena.allocate(FLOCK_BYTES, Long.BYTES);
        flock.set(ValueLayout.JAVA_SHORT, 0, F_WRLCK);
        flock.set(ValueLayout.JAVA_SHORT, FLOCK_WHENCE, SEEK_SET);
        MemorySegment state = arena.allocate(c.state);
        if ((int) c.fcntl.invokeExact(state, descriptor, F_OFD_SETLK, flock) == 0) {
            return Outcome.LOCKED;
        }
        int errno = (int) c.errno.get(state, 0L);
        return errno == EAGAIN || errno == EACCES ? Outcome.TAKEN : Outcome.UNAVAILABLE;
    }

    /// Empties the file, without another file that would have to be opened.
    ///
    /// @return whether that worked
    boolean truncate() {
        try {
            return (int) c.ftruncate.invokeExact(descriptor, 0L) == 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a function of C throws nothing", e);
        }
    }

    /// Unlocks the file.
    void release() {
        try {
            int result = (int) c.close.invokeExact(descriptor);
            LOG.trace("closing the descriptor of a lock: {}", result);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a function of C throws nothing", e);
        }
    }
}
