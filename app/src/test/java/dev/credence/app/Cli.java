package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.app.console.Console;
import dev.credence.lab.JavaProcess;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;

/**
 * A command that was run in this process.
 *
 * @param code its exit code
 * @param out what it printed to standard output
 * @param err what it printed to standard error
 */
record Cli(int code, String out, String err) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Cli run(String... args) {
        return on(Console.Face.PLAIN_FILE, "", args);
    }

    static Cli on(Console.Face face, String input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                face);
        int code = Main.run(args, console);
        return new Cli(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** A command in a process of its own, which writes all that it says behind what is in a file. */
    static ProcessBuilder process(Path log, String... args) {
        return JavaProcess.of(log, Main.class.getName(), args);
    }

    /** Checks the exit code, and shows what was printed where it is another. */
    Cli exits(int expected) {
        assertThat(code).as("exit code; %s%s", err, out).isEqualTo(expected);
        return this;
    }

    /** Standard output as JSON, its first field the schema. */
    JsonNode json(String schema) {
        return json(out, schema);
    }

    static JsonNode json(String text, String schema) {
        try {
            JsonNode root = MAPPER.readTree(text);
            Iterator<String> names = root.fieldNames();
            assertThat(names.next()).isEqualTo("schema");
            assertThat(root.get("schema").asText()).isEqualTo(schema);
            return root;
        } catch (IOException e) {
            throw new UncheckedIOException("not JSON: " + text, e);
        }
    }
}
