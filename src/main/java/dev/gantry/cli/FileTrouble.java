package dev.gantry.cli;

import dev.gantry.secret.Scrubber;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Puts into words what the file system says: Java's message is often the bare path. */
public final class FileTrouble {
    private FileTrouble() {}

    public static String of(IOException problem) {
        return switch (problem) {
            case NoSuchFileException e -> "no such file or directory: " + e.getFile();
            case AccessDeniedException e -> "permission denied: " + e.getFile();
            case FileSystemException e when e.getReason() != null ->
                    e.getFile() + ": " + e.getReason();
            case UnknownHostException e -> "unknown host: " + e.getMessage();
            case IOException e when e.getMessage() == null -> e.getClass().getSimpleName();
            default -> String.valueOf(problem.getMessage());
        };
    }

    /** What a chain of causes began with, in its own words, without the secrets in them. */
    public static String root(Throwable problem) {
        Throwable root = problem;
        for (Throwable cause = root; cause != null; cause = cause.getCause()) {
            root = cause;
        }
        if (root instanceof IOException io) {
            return of(io);
        }
        String text = root.getMessage();
        return text == null || text.isBlank()
                ? root.getClass().getSimpleName()
                : Scrubber.masked(text);
    }
}
