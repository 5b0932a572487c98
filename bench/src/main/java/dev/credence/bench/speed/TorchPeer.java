package dev.credence.bench.speed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A script under {@code bench/peers} that is started once, warms up, and then does its work whenever it is asked to, timed
 * by itself: so that its turns and ours alternate and both see the same machine.
 */
final class TorchPeer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_SECONDS = 5;

    private final Process process;
    private final BufferedReader answers;
    private final Path errors;
    private final JsonNode about;

    private TorchPeer(Process process, Path errors) throws IOException {
        this.process = process;
        this.errors = errors;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.about = answer();
    }

    /**
     * Starts a peer and waits until it is warm.
     *
     * @param program the interpreter, and what it is told before the script
     * @param script the script
     * @param arguments its arguments
     * @return the peer
     * @throws IOException with the reason if it cannot be run
     */
    static TorchPeer start(List<String> program, Path script, List<String> arguments) throws IOException {
        if (!Files.isRegularFile(script)) {
            throw new IOException("no " + script + " here (name its folder with --peers)");
        }
        List<String> command = new ArrayList<>(program);
        command.add(script.toString());
        command.addAll(arguments);
        Path errors = Files.createTempFile("credence-peer", ".txt");
        errors.toFile().deleteOnExit(); // where a signal ends the process
        Process process;
        try {
            process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        } catch (IOException e) {
            Files.delete(errors);
            throw new IOException(program.get(0) + " cannot be started", e);
        }
        try {
            return new TorchPeer(process, errors);
        } catch (IOException e) {
            process.destroy();
            Files.delete(errors);
            throw e;
        }
    }

    /** What it says of itself: versions, threads, instructions. */
    JsonNode about() {
        return about;
    }

    /** Lets it work once. */
    JsonNode turn() throws IOException {
        return ask("");
    }

    /** Has one line answered. */
    JsonNode ask(String line) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((line + '\n').getBytes(StandardCharsets.UTF_8));
        in.flush();
        return answer();
    }

    private JsonNode answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            String said = Files.readString(errors, StandardCharsets.UTF_8).strip();
            throw new IOException("it failed: " + said.substring(said.lastIndexOf('\n') + 1));
        }
        return JSON.readTree(line);
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close(); // the end of its input ends it
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroy();
            }
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
        answers.close();
        Files.delete(errors);
    }
}
