package dev.credence.spark;

import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.lab.audits.AuditOutcome;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.AuditSource;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.engines.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/** Logs of several steps, and what audits say of them. */
final class SteppedLogs {
    private static final double[] PRIOR = {.4, .3, .2, .1};

    private SteppedLogs() {}

    /** Stands for a session that has not been started. */
    static Engine.Session none() {
        return (Engine.Session) java.lang.reflect.Proxy.newProxyInstance(
                SteppedLogs.class.getClassLoader(), new Class<?>[] {Engine.Session.class}, (self, method, of) -> {
                    throw new IllegalStateException("not started");
                });
    }

    /** Writes files, each with some records of every step; steps are tilted more and more. */
    static Path spread(Path folder, int files, int steps, int records) throws IOException {
        Files.createDirectories(folder);
        SplittableRandom random = new SplittableRandom(3);
        for (int file = 0; file < files; file++) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < records * steps; i++) {
                int step = random.nextInt(steps);
                double[] policy = policy(step);
                for (String prompt : List.of("q1", "q2", "q3")) {
                    lines.append(record(prompt, "prior", draw(PRIOR, random), policy, step));
                    lines.append(record(prompt, "policy", draw(policy, random), policy, step));
                }
            }
            Files.writeString(folder.resolve("part-" + file + ".jsonl"), lines);
        }
        return folder;
    }

    private static double[] policy(int step) {
        double[] policy = new double[4];
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            policy[i] = PRIOR[i] * Math.exp(0.3 * (step + 1) * i) + (i == 2 ? 0.05 * step : 0);
            sum += policy[i];
        }
        for (int i = 0; i < 4; i++) {
            policy[i] /= sum;
        }
        return policy;
    }

    private static int draw(double[] probabilities, SplittableRandom random) {
        double left = random.nextDouble();
        int outcome = 0;
        while (outcome < 3 && left >= probabilities[outcome]) {
            left -= probabilities[outcome++];
        }
        return outcome;
    }

    private static String record(String prompt, String source, int outcome, double[] policy, int step) {
        return String.format(
                Locale.ROOT,
                "{\"prompt\": \"%s\", \"completion\": \"%s\", \"reward\": %d, \"logp_prior\": %.12f, \"logp_policy\": %.12f,"
                        + " \"source\": \"%s\", \"step\": %d}%n",
                prompt,
                "abcd".charAt(outcome),
                outcome,
                Math.log(PRIOR[outcome]),
                Math.log(policy[outcome]),
                source,
                step);
    }

    /** What an audit says: its document and its warnings, or why it was refused. */
    static String said(AuditRequest request, Function<Consumer<String>, AuditSource> source) throws IOException {
        List<String> warnings = new ArrayList<>();
        try {
            AuditOutcome outcome = source.apply(warnings::add).audit(request);
            Provenance none = new Provenance("v", "c", 1, Map.of("described", outcome.described()), outcome.inputs());
            return AuditJson.toString(outcome.report(request, none)) + String.join("\n", warnings);
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** What one machine says. */
    static String local(AuditRequest request, List<String> files) throws IOException {
        return said(
                request,
                warnings -> new LogAudit(files, InputStream.nullInputStream(), LogReading.standard(), warnings));
    }

    /** The part of a document that holds the steps' figures. */
    static String steps(String document) {
        return document.substring(document.indexOf("\"steps\""), document.indexOf("\"reward\" : \"reward\""));
    }
}
