package dev.credence.data.rewards;

import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.PublicUrl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** A server of the user's, asked in batches. */
record HttpReward(URI address) implements RewardTerm {
    private static final int BATCH = 256;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int OK = 200;
    private static final String KEY = "CREDENCE_REWARD_KEY";

    static HttpReward of(String kind, String argument, Function<String, InputException> wrong) {
        String address = argument.startsWith("//") ? kind + ":" + argument : argument;
        PublicUrl.check("reward", address, "the environment variable " + KEY + " is sent as a bearer token");
        try {
            URI uri = URI.create(address);
            if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
                return new HttpReward(uri);
            }
        } catch (IllegalArgumentException e) {
            throw wrong.apply("the address is a URL (" + e.getMessage() + ")");
        }
        throw wrong.apply("the address is a URL such as http://localhost:8000/reward");
    }

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
        HttpClient client = HttpClient.newHttpClient();
        double[] values = new double[texts.size()];
        try {
            for (int from = 0; from < values.length; from += BATCH) {
                int to = Math.min(values.length, from + BATCH);
                System.arraycopy(ask(client, texts.subList(from, to)), 0, values, from, to - from);
            }
            return values;
        } catch (IOException e) {
            boolean names = String.valueOf(e.getMessage()).contains(address.toString());
            throw new UncheckedIOException(names ? e : new IOException(address + ": " + Cause.of(e), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted while waiting for " + address, e));
        }
    }

    private double[] ask(HttpClient client, List<? extends ScoredText> texts) throws IOException, InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        RewardLines.write(texts, body);
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(PATIENCE)
                .header("Content-Type", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
        String key = System.getenv(KEY);
        if (key != null && !key.isBlank()) {
            request.header("Authorization", "Bearer " + key.strip());
        }
        HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != OK) {
            throw new IOException(address + " answered with status " + answer.statusCode());
        }
        return RewardLines.read(answer.body().lines().toList(), texts.size(), address.toString());
    }

    @Override
    public String toString() {
        return "http:" + RewardText.quoted(address.toString());
    }
}
