package dev.credence.app.serve;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.json.Json;
import dev.credence.lab.audits.DepartedTexts;
import dev.credence.lab.audits.DepartedTexts.Pair;
import dev.credence.lab.audits.DepartedTexts.Text;
import dev.credence.lab.inputs.Inputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The texts behind an audit of a log that lies in the folder too. */
final class TextPages {
    private static final long MOST_RECORDS = 200_000;
    private static final int SHOWN = 12;
    private static final int LONGEST = 4_000;
    private static final long MOST_HASHED = 64 << 20; // bytes

    private final ServedFolder folder;
    private final Provenance made;

    TextPages(ServedFolder folder, Provenance made) {
        this.folder = folder;
        this.made = made;
    }

    void addTo(Map<String, WebService.Handler> handlers) {
        handlers.put(
                "GET /api/texts", request -> WebAnswer.json(texts(request.query("file"), request.first("prompt"))));
    }

    private Map<String, @Nullable Object> texts(String file, @Nullable String prompt) throws IOException {
        Path kept = folder.existing(file);
        AuditReport audit = AuditJson.read(kept);
        Path log = log(audit, kept);
        LogPages.allowed("reward", audit.provenance().settings().getOrDefault("reward", ""));
        DepartedTexts.Wanted wanted = DepartedTexts.Wanted.of(audit, MOST_RECORDS);
        DepartedTexts texts = DepartedTexts.read(log.toString(), wanted);
        Map<String, @Nullable Object> document = Json.document("credence.texts/1", made);
        document.put("file", file);
        document.put("log", folder.name(log));
        document.put("copies", wanted.copies());
        document.put("records", texts.records());
        document.put("passed_over", texts.passedOver());
        document.put("whole", texts.isWhole());
        document.put("prompts", List.copyOf(texts.prompts().keySet()));
        String shown = prompt != null && texts.prompts().containsKey(prompt) ? prompt : null;
        document.put("prompt", shown);
        List<Map<String, @Nullable Object>> pairs = new ArrayList<>();
        List<Map<String, @Nullable Object>> dropped = new ArrayList<>();
        texts.prompts().forEach((name, of) -> {
            if (shown == null || shown.equals(name)) {
                of.atEqualReward().forEach(pair -> pairs.add(pair(name, pair, of.width())));
                of.dropped().forEach(text -> dropped.add(fields(name, text)));
            }
        });
        pairs.sort(largestFirst("spread"));
        dropped.sort(largestFirst("posterior"));
        document.put("equal_reward", pairs.subList(0, Math.min(SHOWN, pairs.size())));
        document.put("equal_reward_all", pairs.size());
        document.put("dropped", dropped.subList(0, Math.min(SHOWN, dropped.size())));
        document.put("dropped_all", dropped.size());
        if (shown != null) {
            DepartedTexts.OfPrompt of = texts.prompts().get(shown);
            List<Text> all = of == null ? List.of() : of.texts();
            document.put("prior", likeliest(shown, all, Text::logPrior));
            document.put("policy", likeliest(shown, all, Text::logPolicy));
        }
        return document;
    }

    /** The one log, where the audit was told that it is or beside the audit, if it is still what was audited. */
    private Path log(AuditReport audit, Path kept) {
        if (audit.provenance().inputs().size() != 1) {
            throw notHere();
        }
        Provenance.Input input = audit.provenance().inputs().get(0);
        boolean isAnother = false;
        try {
            Path named = Path.of(input.name());
            for (Path place : List.of(
                    named,
                    folder.root().resolve(named),
                    kept.resolveSibling(named),
                    kept.resolveSibling(String.valueOf(named.getFileName())))) {
                if (folder.holds(place) && Files.isRegularFile(place)) {
                    Path log = place.toRealPath();
                    if (isSame(log, input)) {
                        return log;
                    }
                    isAnother = true;
                }
            }
        } catch (IOException | InvalidPathException e) {
            throw notHere();
        }
        throw isAnother ? changed(input) : notHere();
    }

    /** By its size, and its hash where that takes no time to speak of. */
    private static boolean isSame(Path log, Provenance.Input input) throws IOException {
        long bytes = Files.size(log);
        return bytes == input.bytes()
                && (bytes > MOST_HASHED || Inputs.of(log).sha256().equals(input.sha256()));
    }

    private static WebRefusal changed(Provenance.Input input) {
        return new WebRefusal(
                409,
                "the log " + input.name() + " is no longer the one that was audited (" + input.bytes()
                        + " bytes, hash "
                        + input.sha256()
                                .substring(0, Math.min(12, input.sha256().length()))
                        + "…), so its texts cannot be shown beside that audit");
    }

    private static WebRefusal notHere() {
        return new WebRefusal(
                404, "the audit's log is not one file in the folder served, so its texts cannot be shown here");
    }

    private static Comparator<Map<String, @Nullable Object>> largestFirst(String field) {
        return Comparator.comparingDouble((Map<String, @Nullable Object> fields) ->
                        fields.get(field) instanceof Double number ? number : Double.NaN)
                .reversed();
    }

    private static List<Map<String, @Nullable Object>> likeliest(
            String prompt, List<Text> texts, ToDoubleFunction<Text> logProbability) {
        return texts.stream()
                .sorted(Comparator.comparingDouble(logProbability).reversed())
                .limit(SHOWN)
                .map(text -> fields(prompt, text))
                .toList();
    }

    private static Map<String, @Nullable Object> pair(String prompt, Pair pair, double width) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("prompt", prompt);
        fields.put("spread", pair.spread());
        fields.put("within", width);
        fields.put("highest", fields(prompt, pair.highest()));
        fields.put("lowest", fields(prompt, pair.lowest()));
        fields.put("shown", FigureFormat.of(pair.spread()));
        return fields;
    }

    private static Map<String, @Nullable Object> fields(String prompt, Text text) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("prompt", prompt);
        String completion = text.text();
        fields.put("completion", completion.length() > LONGEST ? completion.substring(0, LONGEST) + "…" : completion);
        fields.put("reward", text.reward());
        fields.put("logp_prior", text.logPrior());
        fields.put("logp_policy", text.logPolicy());
        fields.put("log_ratio", text.logRatio());
        fields.put("drawn_prior", text.drawn().prior());
        fields.put("drawn_policy", text.drawn().policy());
        fields.put("prior", text.shares().prior());
        fields.put("policy", text.shares().policy());
        fields.put("posterior", text.shares().posterior());
        fields.put(
                "shown",
                "reward " + FigureFormat.of(text.reward()) + " · log π/π0 " + FigureFormat.of(text.logRatio())
                        + " nats · share of the prior "
                        + FigureFormat.of(text.shares().prior()) + ", policy "
                        + FigureFormat.of(text.shares().policy()) + ", posterior "
                        + FigureFormat.of(text.shares().posterior()) + " · records of the prior "
                        + text.drawn().prior() + ", policy " + text.drawn().policy());
        return fields;
    }
}
