package dev.credence.data.corpora;

import dev.credence.core.provenance.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * How a text file falls into documents.
 *
 * @param kind the rule
 * @param separator the line between documents, for {@link Kind#SEPARATOR}; else empty
 */
public record Division(Kind kind, String separator) {
    private static final String SEPARATOR = "separator:";

    /** The rules. */
    public enum Kind {
        /** Blocks between empty lines. */
        PARAGRAPHS,
        /** Blocks between empty lines whose first line ends with a colon and is not the only one, as in a play. */
        SPEECHES,
        /** Every line that is not empty. */
        LINES,
        /** What stands between lines of a given text. */
        SEPARATOR,
        /** The whole file is one document. */
        FILE
    }

    /**
     * Reads a rule as a user writes it.
     *
     * @param text {@code paragraphs}, {@code speeches}, {@code lines}, {@code file}, or {@code separator:LINE}
     * @return the rule
     * @throws InputException if it is none of these
     */
    public static Division of(String text) {
        if (text.startsWith(SEPARATOR)) {
            return new Division(Kind.SEPARATOR, text.substring(SEPARATOR.length()));
        }
        return switch (text) {
            case "paragraphs" -> new Division(Kind.PARAGRAPHS, "");
            case "speeches" -> new Division(Kind.SPEECHES, "");
            case "lines" -> new Division(Kind.LINES, "");
            case "file" -> new Division(Kind.FILE, "");
            default ->
                throw InputException.ofSetting(
                        "documents", text, "it is paragraphs, speeches, lines, file, or separator:LINE");
        };
    }

    /** {@return the rule as a user writes it} */
    public String text() {
        return kind == Kind.SEPARATOR ? SEPARATOR + separator : kind.name().toLowerCase(Locale.ROOT);
    }

    /** Hands over the documents, without the line ends around them. */
    void divide(BufferedReader lines, Consumer<String> documents) throws IOException {
        StringBuilder block = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (ends(line)) {
                close(block, documents);
            } else {
                block.append(line).append('\n');
                if (kind == Kind.LINES) {
                    close(block, documents);
                }
            }
        }
        close(block, documents);
    }

    private boolean ends(String line) {
        return switch (kind) {
            case PARAGRAPHS, SPEECHES, LINES -> line.isBlank();
            case SEPARATOR -> line.equals(separator);
            case FILE -> false;
        };
    }

    private void close(StringBuilder block, Consumer<String> documents) {
        while (block.length() > 0 && block.charAt(block.length() - 1) == '\n') {
            block.setLength(block.length() - 1);
        }
        if (block.length() > 0 && (kind != Kind.SPEECHES || isSpeech(block))) {
            documents.accept(block.toString());
        }
        block.setLength(0);
    }

    private static boolean isSpeech(StringBuilder block) {
        int line = block.indexOf("\n");
        return line > 1 && block.charAt(line - 1) == ':';
    }
}
