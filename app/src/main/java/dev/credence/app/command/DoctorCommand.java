package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.natives.NativeLibraryException;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.DuckDb;
import dev.credence.data.json.Json;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.models.EmbeddedModel;
import dev.credence.lab.models.PrecisionError;
import dev.credence.torch.Backend;
import dev.credence.torch.ProductChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Looks at the machine: what Credence needs, and whether it is there. */
@Command(
        name = "doctor",
        header = "What this machine offers, and whether Credence has what it needs.",
        description = {"", "Exit code 1 when something that Credence needs does not work.", ""},
        footer = {
            "",
            "Examples:",
            "  credence doctor",
            "  credence doctor --json",
            "  credence doctor --models checkpoints"
        })
public final class DoctorCommand extends ModelCommand {
    @Option(
            names = "--models",
            paramLabel = "DIR",
            description =
                    "Also measure what arithmetic costs each checkpoint folder in DIR: how far log-probabilities of texts"
                            + " it draws are from single precision's, nats a token.")
    private @Nullable String models;

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final int EMBEDDED_TOKENS = 512;
    private static final String TEXT = "Good night, good night!";

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public DoctorCommand(Console console) {
        super(console);
    }

    /** How a thing was found. */
    private enum Health {
        GOOD,
        OPTIONAL,
        BROKEN
    }

    /** One thing looked at. */
    private record Check(String name, Health health, String found) {}

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        List<Check> checks = new ArrayList<>(machine());
        checks.add(duckDb());
        checks.addAll(torch());
        checks.add(tokenizer());
        if (models != null) {
            checks.addAll(precision(Path.of(models)));
        }
        checks.add(folder());
        checks.add(terminal());
        checks.add(chromium());
        if (printsText()) {
            TextTable table = new TextTable(0).words("", 6).words("", 12).words("", 76);
            checks.forEach(check -> table.row(style(check), word(check), check.name(), check.found()));
            table.print(console());
            checks.stream()
                    .filter(check -> check.health() == Health.BROKEN)
                    .forEach(check -> console().line(check.name() + ": " + check.found())); // whole: the table cuts
        }
        Map<String, @Nullable Object> document = Json.document("credence.doctor/1", provenance(Map.of(), List.of()));
        document.put("checks", checks.stream().map(DoctorCommand::fields).toList());
        common().json().write(console(), out -> Json.write(document, out));
        boolean broken = checks.stream().anyMatch(check -> check.health() == Health.BROKEN);
        return broken ? ExitCode.FAILED : ExitCode.DONE;
    }

    private static List<Check> machine() {
        Runtime runtime = Runtime.getRuntime();
        String java = Runtime.version() + ", " + System.getProperty("java.vendor") + ", "
                + System.getProperty("java.vm.name");
        String system = System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
        String heap = String.format("%,d MB at most", runtime.maxMemory() >> 20);
        return List.of(
                new Check("credence", Health.GOOD, Version.current()),
                new Check("java", Health.GOOD, java),
                new Check("system", Health.GOOD, system),
                new Check("processors", Health.GOOD, String.valueOf(runtime.availableProcessors())),
                new Check("heap", Health.GOOD, heap + " (more with CREDENCE_JAVA_OPTS=-Xmx8g)"));
    }

    /** Opens a database in memory: its native library must unpack and load. */
    private static Check duckDb() {
        try (Connection connection = DuckDb.open(false);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT version()")) {
            return row.next()
                    ? new Check("duckdb", Health.GOOD, row.getString(1) + ", reads Parquet")
                    : new Check("duckdb", Health.BROKEN, "answers nothing; Parquet logs cannot be read");
        } catch (SQLException | NativeLibraryException e) {
            return new Check(
                    "duckdb", Health.BROKEN, "does not start (" + Cause.of(e) + "); Parquet logs cannot be read");
        }
    }

    /** Loads libtorch, and measures at the first start of a machine which library multiplies matrices faster. */
    private static List<Check> torch() {
        try {
            long start = System.nanoTime();
            Backend backend = Backend.shared();
            double seconds = (System.nanoTime() - start) / 1e9;
            String loaded = String.format(Locale.ROOT, "%s, loaded in %.1f s", backend.version(), seconds);
            return List.of(
                    new Check("torch", Health.GOOD, loaded),
                    new Check("blas", Health.GOOD, backend.choice().describe()),
                    new Check("weights", Health.GOOD, ProductChoice.shared().describe()));
        } catch (InputException e) {
            throw e; // a device that is not there
        } catch (LinkageError | RuntimeException e) {
            return List.of(
                    new Check("torch", Health.BROKEN, "does not load (" + Cause.of(e) + "); models cannot be audited"));
        }
    }

    /** Reads and writes a text with the tokenizer of the model that ships: its native library must unpack and load. */
    private static Check tokenizer() {
        try (EmbeddedModel model = EmbeddedModel.unpack();
                TextTokenizer tokenizer = TextTokenizer.open(model.folder(), EMBEDDED_TOKENS)) {
            int[] tokens = tokenizer.document(TEXT);
            return tokenizer.decode(tokens, tokens.length).equals(TEXT)
                    ? new Check("tokenizer", Health.GOOD, "reads and writes texts")
                    : new Check("tokenizer", Health.BROKEN, "writes another text than it read");
        } catch (IOException | LinkageError | RuntimeException e) {
            return new Check("tokenizer", Health.BROKEN, "does not load (" + Cause.of(e) + "); models cannot be used");
        }
    }

    /** A checkpoint that cannot be measured is a note: it may be a reward model's, or too large. */
    private static List<Check> precision(Path folder) throws IOException {
        List<Check> checks = new ArrayList<>();
        for (Path model : PrecisionError.folders(folder)) {
            String name = (model.equals(folder) ? model.getFileName() : folder.relativize(model)) + ": ";
            try {
                checks.add(new Check(
                        "model", Health.GOOD, name + PrecisionError.of(model).describe()));
            } catch (InputException e) {
                checks.add(new Check("model", Health.OPTIONAL, name + "not measured: " + e.getMessage()));
            }
        }
        return checks;
    }

    private static Check folder() {
        Path here = Path.of("").toAbsolutePath();
        return Files.isWritable(here)
                ? new Check("folder", Health.GOOD, here + " is writable")
                : new Check("folder", Health.OPTIONAL, here + " is not writable: name another with -o");
    }

    private Check terminal() {
        Console.Face face = console().face();
        String kind = face.terminal() ? "a terminal" : "not a terminal";
        String colours = face.colours() ? "with colours" : "without colours";
        return face.unicode()
                ? new Check("output", Health.GOOD, kind + " in UTF-8, " + colours)
                : new Check("output", Health.OPTIONAL, kind + " that is not in UTF-8: Greek letters are spelled out");
    }

    private static Check chromium() {
        return Files.isExecutable(CHROMIUM)
                ? new Check("chromium", Health.GOOD, CHROMIUM + " (opens reports in tests)")
                : new Check(
                        "chromium", Health.OPTIONAL, "not at " + CHROMIUM + ": tests that open reports are skipped");
    }

    private static String word(Check check) {
        return switch (check.health()) {
            case GOOD -> "ok";
            case OPTIONAL -> "note";
            case BROKEN -> "BROKEN";
        };
    }

    private static Style style(Check check) {
        return switch (check.health()) {
            case GOOD -> Style.PLAIN;
            case OPTIONAL -> Style.WARN;
            case BROKEN -> Style.BAD;
        };
    }

    private static Map<String, @Nullable Object> fields(Check check) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("name", check.name());
        fields.put("status", word(check).toLowerCase(Locale.ROOT));
        fields.put("found", check.found());
        return fields;
    }
}
