package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// Says in words why a file could not be used. Some of the JDK's exceptions tell it by their class alone: their
/// message is a bare path.
public final class FailureText {

    private FailureText() {}

    /// The file and the reason.
    public static String of(IOException failure) {
        if (failure instanceof FileSystemException named && named.getReason() == null) {
            return named.getFile() + ": " + reason(named);
        }
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }

    private static String reason(FileSystemException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "no such file or directory";
            case FileAlreadyExistsException _ -> "exists already";
            case NotDirectoryException _ -> "is not a directory";
            case DirectoryNotEmptyException _ -> "is not empty";
            default -> failure.getClass().getSimpleName();
        };
    }

    /// The failure with a reason in its message, of the same class where that can have one.
    static IOException explain(IOException failure) {
        return switch (failure) {
            case AccessDeniedException e
            when e.getReason() == null ->
                caused(e, new AccessDeniedException(e.getFile(), e.getOtherFile(), reason(e)));
            case NoSuchFileException e
            when e.getReason() == null -> caused(e, new NoSuchFileException(e.getFile(), e.getOtherFile(), reason(e)));
            case FileAlreadyExistsException e
            when e.getReason() == null ->
                caused(e, new FileAlreadyExistsException(e.getFile(), e.getOtherFile(), reason(e)));
            default -> failure;
        };
    }

    private static IOException caused(IOException cause, IOException failure) {
        failure.initCause(cause);
        return failure;
    }
}
