package io.caskade.bitcask.disk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.file.FileSystemException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The errors of the system that say that something has run out, as the JDK's exceptions tell them.
///
/// The JDK passes on an error's text only, which is in the language of the process. So the C library is asked
/// for its text of each number: it is the very text that the JDK is given.
enum Errno {
    /// The disk is full.
    ENOSPC(28, 28, "no space left"),
    /// A quota of the disk is used up.
    EDQUOT(122, 69, "quota exceeded"),
    /// The process may not write longer files (`ulimit -f`).
    EFBIG(27, 27, "file too large"),
    /// The system may not have more files open. Its text may begin as the next one.
    ENFILE(23, 23, "too many open files in system"),
    /// The process may not have more files open (`ulimit -n`).
    EMFILE(24, 24, "too many open files");

    private static final Logger LOG = LoggerFactory.getLogger(Errno.class);

    /// No text is longer.
    private static final long MAX_TEXT_BYTES = 1024;

    /// The texts in the language of the process; of length 0 where they cannot be had.
    ///
    /// They are fetched early where that is allowed without a warning: looking up a function of the C library
    /// opens a file, which may be what cannot be done any more.
    private static final class Texts {
        static final Map<Errno, String> ALL = fetch();

        private Texts() {}

        private static Map<Errno, String> fetch() {
            Map<Errno, String> texts = new EnumMap<>(Errno.class);
            for (Errno errno : values()) {
                texts.put(errno, errno.systemText());
            }
            return texts;
        }
    }

    private final int number;
    private final String english;

    Errno(int linux, int others, String english) {
        this.number = System.getProperty("os.name", "").equals("Linux") ? linux : others;
        this.english = english;
    }

    /// Prepares [#of], so that it needs no file to be opened later. Does nothing where the process does not
    /// allow native access: that would print a warning before anything has gone wrong.
    static void prepare() {
        if (Errno.class.getModule().isNativeAccessEnabled()) {
            LOG.trace("{} texts of errors are known", Texts.ALL.size());
        }
    }

    /// Which error an exception stands for, if it is one of these.
    static Optional<Errno> of(IOException failure) {
        String reason = failure instanceof FileSystemException f ? f.getReason() : failure.getMessage();
        if (reason == null || reason.isEmpty()) {
            return Optional.empty();
        }
        String lower = reason.toLowerCase(Locale.ROOT);
        return Stream.of(values())
                .filter(each -> lower.contains(each.english) || each.isSaidBy(reason))
                .findFirst();
    }

    private boolean isSaidBy(String reason) {
        String text = Texts.ALL.getOrDefault(this, "");
        return !text.isEmpty() && reason.contains(text);
    }

    /// Whether it means that there is no room for a write.
    boolean isFull() {
        return this == ENOSPC || this == EDQUOT || this == EFBIG;
    }

    /// What the C library calls it, in the language of the process; of length 0 where it cannot be asked.
    String systemText() {
        try {
            return decode(call(strerror(), number));
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("the C library cannot be asked what it calls {}; its English name is looked for", this, e);
            return "";
        }
    }

    @SuppressWarnings("restricted") // Nothing but the C library knows its texts; where it may not be called, see #of.
    private static MethodHandle strerror() {
        Linker linker = Linker.nativeLinker();
        MemoryLayout text = MemoryLayout.sequenceLayout(MAX_TEXT_BYTES, ValueLayout.JAVA_BYTE);
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("strerror"),
                FunctionDescriptor.of(ValueLayout.ADDRESS.withTargetLayout(text), ValueLayout.JAVA_INT));
    }

    private static MemorySegment call(MethodHandle strerror, int number) {
        try {
            return (MemorySegment) strerror.invokeExact(number);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a function of C throws nothing", e);
        }
    }

    /// As the JDK decodes it.
    private static String decode(MemorySegment text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (long at = 0; text.get(ValueLayout.JAVA_BYTE, at) != 0; at++) {
            bytes.write(text.get(ValueLayout.JAVA_BYTE, at));
        }
        return bytes.toString(Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
    }
}
