package dev.credence.data.rewards;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A program of the user's, run once for all texts; what it says on its standard error is shown. */
record CommandReward(String command) implements RewardTerm {
    @Override
    public double value(ScoredText text) {
        return values(List.of(text))[0];
    }

    @Override
    public boolean isTogether() {
        return true;
    }

    @Override
    public double[] values(List<? extends ScoredText> texts) {
        try {
            return RewardLines.read(run(texts), texts.size(), this.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted while waiting for " + this, e));
        }
    }

    private List<String> run(List<? extends ScoredText> texts) throws IOException, InterruptedException {
        Process process = StartedPrograms.start(command);
        try {
            // Fed on another thread: a program that answers line by line would otherwise wait for its reader forever.
            CompletableFuture<Void> feeding = CompletableFuture.runAsync(() -> feed(texts, process));
            List<String> lines;
            try (BufferedReader out =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                lines = out.lines().toList();
            }
            feeding.join();
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(this + " ended with exit code " + code);
            }
            return lines;
        } finally {
            StartedPrograms.end(process);
        }
    }

    /** A program that stops reading is judged by what it answered. */
    private static void feed(List<? extends ScoredText> texts, Process process) {
        try (OutputStream in = process.getOutputStream()) {
            RewardLines.write(texts, in);
        } catch (IOException e) {
            return; // its end of the pipe is closed: the number of lines that it gave, or its exit code, says the rest
        }
    }

    @Override
    public String toString() {
        return "command:" + RewardText.quoted(command);
    }
}
