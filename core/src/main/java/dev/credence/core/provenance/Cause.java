package dev.credence.core.provenance;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Why something failed, in words for a person: what an exception knows, without the names of classes. */
public final class Cause {
    /** What a fault of the program is called, which its user can do nothing about. */
    public static final String OF_THE_PROGRAM = "a fault of the program itself, not of what it was given";

    private static final Pattern CLASS =
            Pattern.compile("^(?:[a-z]\\w*\\.)*(?:[A-Z]\\w*[.$])*[A-Z]\\w*(?:Exception|Error):?\\s*");
    private static final List<Class<? extends Throwable>> FAULTS = List.of(
            NullPointerException.class,
            ClassCastException.class,
            IndexOutOfBoundsException.class,
            NegativeArraySizeException.class,
            ArrayStoreException.class,
            ArithmeticException.class,
            NoSuchElementException.class,
            ConcurrentModificationException.class,
            ReflectiveOperationException.class,
            AssertionError.class);

    private static final Map<Class<? extends Throwable>, String> OF_FILES = Map.of(
            NoSuchFileException.class, "no such file",
            AccessDeniedException.class, "permission denied",
            NotDirectoryException.class, "no folder",
            DirectoryNotEmptyException.class, "not empty",
            FileAlreadyExistsException.class, "it is there already",
            FileSystemLoopException.class, "its links lead round in a circle");

    /** What is said of kinds whose own message says too little. None is a kind of another, so that the order decides nothing. */
    private static final Map<Class<? extends Throwable>, String> OF_KINDS = Map.of(
            OutOfMemoryError.class, "out of memory",
            StackOverflowError.class, "nested too deeply",
            LinkageError.class, "a library cannot be loaded",
            CharacterCodingException.class, "text that is not UTF-8",
            ConnectException.class, "nobody answers there",
            TimeoutException.class, "no answer in time",
            HttpTimeoutException.class, "no answer in time",
            EOFException.class, "it ends too early",
            InterruptedException.class, "interrupted");

    private static final Pattern OF_PARSER = Pattern.compile(
            ",? ?\\(?from `[^`]*`|,? ?see `[^`]*`|: enable `[^`]*` to allow|, got this instead: <[\\w.]+\\([^>]*>|<[a-z]+\\.[\\w.]+\\([^>]*>");

    private Cause() {}

    /**
     * What a parser says of a text, without the classes and methods that it speaks of.
     *
     * @param said its message
     * @return the message in words
     */
    public static String ofParser(@Nullable String said) {
        String words = String.valueOf(said);
        return words.startsWith("Trailing token")
                ? "something stands behind the first value"
                : OF_PARSER.matcher(words).replaceAll("");
    }

    /**
     * The cause in words, one line.
     *
     * @param thrown any
     * @return a phrase such as {@code /data/a.jsonl: permission denied}; never empty
     */
    public static String of(Throwable thrown) {
        if (thrown instanceof UncheckedIOException
                || thrown instanceof ExecutionException
                || thrown instanceof CompletionException
                || thrown instanceof ExceptionInInitializerError) {
            return wrapped(thrown);
        }
        if (thrown instanceof FileSystemException file) {
            return (file.getFile() == null ? "a file" : file.getFile()) + ": " + reason(file);
        }
        if (FAULTS.stream().anyMatch(fault -> fault.isInstance(thrown))) {
            return OF_THE_PROGRAM;
        }
        if (thrown instanceof UnknownHostException) {
            return "no host of the name " + thrown.getMessage();
        }
        String fixed = first(OF_KINDS, thrown);
        String said = said(thrown);
        if (!fixed.isEmpty() || !said.isEmpty()) {
            return fixed.isEmpty() || said.isEmpty() ? fixed + said : fixed + " (" + said + ")";
        }
        return thrown instanceof IOException ? "reading or writing failed" : OF_THE_PROGRAM;
    }

    private static String wrapped(Throwable thrown) {
        Throwable cause = thrown.getCause();
        String own = said(thrown);
        if (cause == null) {
            return own.isEmpty() ? OF_THE_PROGRAM : own;
        }
        String inner = of(cause);
        boolean repeats = own.isEmpty() || own.equals(said(cause)) || inner.contains(own);
        return repeats ? inner : own + " (" + inner + ")";
    }

    private static String reason(FileSystemException e) {
        String reason = first(OF_FILES, e);
        if (!reason.isEmpty()) {
            return reason;
        }
        return e.getReason() == null ? "reading or writing failed" : e.getReason();
    }

    /** What is said of the first kind that it is of; may be empty. */
    private static String first(Map<Class<? extends Throwable>, String> kinds, Throwable thrown) {
        return kinds.entrySet().stream()
                .filter(kind -> kind.getKey().isInstance(thrown))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    /** The first line of the message, without the names of classes that it begins with. */
    private static String said(Throwable thrown) {
        if (thrown.getMessage() == null || thrown instanceof CharacterCodingException) {
            return "";
        }
        String line = thrown.getMessage().lines().findFirst().orElse("").strip();
        String shorter = CLASS.matcher(line).replaceFirst("");
        while (!shorter.equals(line)) {
            line = shorter;
            shorter = CLASS.matcher(line).replaceFirst("");
        }
        return line;
    }
}
