package dev.credence.lab.experiments;

import dev.credence.data.files.AtomicFile;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps the parts of one experiment in a folder, to the last bit, until all of it is done. */
final class KeptParts implements Listener {
    private static final String END = "end"; // the last line of a part that is whole

    private final Path folder;
    private final Listener listener;
    private final BooleanSupplier ends;

    /**
     * Parts of an experiment.
     *
     * @param own the experiment's folder, there already
     * @param listener takes progress
     * @param ends whether the process is to end
     */
    KeptParts(Path own, Listener listener, BooleanSupplier ends) {
        this.folder = own.resolve("parts");
        this.listener = listener;
        this.ends = ends;
    }

    @Override
    public void accept(String line) {
        listener.accept(line);
    }

    @Override
    public boolean isStopped() {
        return ends.getAsBoolean() || listener.isStopped();
    }

    @Override
    public double[] part(String name, Supplier<double[]> work) {
        if (!name.matches("[\\w.-]*\\w[\\w.-]*")) {
            throw new IllegalArgumentException("name is " + name + "; it has letters, digits and . _ - only");
        }
        Path file = folder.resolve(name + ".part");
        try {
            double[] kept = read(file);
            if (kept != null) {
                listener.accept("going on: " + name + " is there");
                return kept;
            }
            double[] done = work.get();
            Files.createDirectories(folder);
            String lines =
                    Arrays.stream(done).mapToObj(Double::toHexString).collect(Collectors.joining("\n", "", "\n"));
            AtomicFile.write(file, out -> out.write((lines + END).getBytes(StandardCharsets.UTF_8)));
            return done;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A part, or null where it is not there or not whole. */
    private static double @Nullable [] read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        String[] lines = Files.readString(file).strip().split("\n", -1);
        if (!lines[lines.length - 1].equals(END)) {
            return null;
        }
        try {
            return Arrays.stream(lines, 0, lines.length - 1)
                    .filter(line -> !line.isEmpty())
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Removes them: the experiment's figures are there. */
    void discard() throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
