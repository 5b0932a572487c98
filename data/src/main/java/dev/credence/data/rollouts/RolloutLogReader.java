package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.InputFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads rollout logs: JSON Lines (plain, gzip or zstd, told by the first bytes) and Parquet, from files, folders, globs and
 * standard input, into one log a training step.
 *
 * <p>A record's rules are those of the contract. Where it leaves a choice: a log-probability up to 1e-6 is the rounding of
 * a sure thing and read as 0; {@code "-inf"} stands for {@code logp_policy} on records that the policy did not draw; sums of
 * log-probabilities that are missing are taken from the arrays by token; null is the same as absent; a record without a
 * split is {@code train}. The result does not depend on the number of threads.
 */
public final class RolloutLogReader {
    private final ReadOptions options;
    private final InputStream standardInput;

    /**
     * A reader.
     *
     * @param options how to read
     * @param standardInput what {@code -} stands for
     */
    public RolloutLogReader(ReadOptions options, InputStream standardInput) {
        this.options = options;
        this.standardInput = standardInput;
    }

    /**
     * Reads files, folders, globs or {@code -}, all together as one log.
     *
     * @param arguments as the user gave them, at least one
     * @return the logs by step
     * @throws InputException if an input breaks a rule
     * @throws UncheckedIOException if reading fails
     */
    public LogRead read(List<String> arguments) {
        List<String> files = InputFiles.expand(arguments);
        ParallelReading reading = new ParallelReading(options, paths());
        List<Provenance.Input> inputs = new ArrayList<>();
        try {
            for (String file : files) {
                inputs.add(readOne(file, reading));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        return reading.finish(inputs);
    }

    private PathIndex paths() {
        Set<String> extras = new LinkedHashSet<>();
        options.rewards().values().forEach(expression -> extras.addAll(expression.fields()));
        return new PathIndex(options.fields(), List.copyOf(extras));
    }

    private Provenance.Input readOne(String file, ParallelReading reading) throws IOException {
        boolean standard = file.equals(InputFiles.STANDARD_INPUT);
        try (LogInput input = standard ? new LogInput(file, standardInput) : new LogInput(file, Path.of(file))) {
            try {
                if (input.kind() == LogInput.Kind.LINES) {
                    reading.readLines(file, input.bytes());
                } else if (standard || file.matches(".*[*?\\[{].*")) { // DuckDB would take such a name for a pattern
                    readSpooled(file, input, reading);
                } else {
                    reading.readParquet(file, Path.of(file));
                }
                return input.provenance();
            } catch (PackedDataException e) {
                throw input.cause(e.refusal(file, 0));
            } catch (InputException e) {
                throw input.cause(e);
            }
        }
    }

    /** Parquet is read from its end, so it needs a file. */
    private static void readSpooled(String name, LogInput input, ParallelReading reading) throws IOException {
        Path spool = Files.createTempFile("credence", ".parquet");
        spool.toFile().deleteOnExit(); // where a signal ends the process
        try {
            Files.copy(input.bytes(), spool, StandardCopyOption.REPLACE_EXISTING);
            reading.readParquet(name, spool);
        } finally {
            Files.delete(spool);
        }
    }
}
