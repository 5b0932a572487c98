package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.files.ScratchFile;
import dev.credence.report.HtmlReport;
import dev.credence.report.ReportDocument;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** Files that a command writes: never half, never over an input, and refused before the work rather than after it. */
public final class OutputFile {
    private OutputFile() {}

    /**
     * Refuses a file that cannot be written, or that is an input, before any work; and removes what a killed process left of it.
     *
     * @param option that named it
     * @param file its name
     * @param inputs files that are read
     * @throws InputException naming the option and the rule
     */
    public static void check(String option, String file, Collection<String> inputs) {
        Path path = Path.of(file).toAbsolutePath().normalize();
        if (isAmong(file, inputs)) {
            throw InputException.ofSetting(option, file, "it is an input; results are never written over one");
        }
        if (Files.isDirectory(path)) {
            throw InputException.ofSetting(option, file, "it is a folder; name a file");
        }
        Path folder = path.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw InputException.ofSetting(option, file, "its folder does not exist");
        }
        ScratchFile.sweep(path);
    }

    /**
     * Whether a file is one of several, however each is written.
     *
     * @param file its name
     * @param others their names
     * @return whether it is
     */
    public static boolean isAmong(String file, Collection<String> others) {
        Path path = Path.of(file).toAbsolutePath().normalize();
        return others.stream().anyMatch(other -> isSame(path, other));
    }

    private static boolean isSame(Path output, String input) {
        try {
            Path path = Path.of(input);
            return path.toAbsolutePath().normalize().equals(output)
                    || (Files.exists(path) && Files.exists(output) && Files.isSameFile(path, output));
        } catch (java.nio.file.InvalidPathException | IOException e) {
            return false; // no file of this name can be the one written
        }
    }

    /**
     * Writes a report's page, whole or not at all.
     *
     * @param document the report
     * @param file where to
     * @throws IOException if it cannot be written
     */
    public static void writeHtml(ReportDocument document, Path file) throws IOException {
        write(file, out -> {
            Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            HtmlReport.write(document, writer);
            writer.flush();
        });
    }

    /**
     * Regular files atomically; pipes and devices, which cannot be renamed into place, as they are.
     *
     * @param file the file
     * @param content writes it
     * @throws IOException if writing fails; an older file then stays
     */
    public static void write(Path file, AtomicFile.Writer content) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            try (OutputStream out = Files.newOutputStream(file)) {
                content.write(out);
            }
        } else {
            AtomicFile.write(file, content);
        }
    }
}
