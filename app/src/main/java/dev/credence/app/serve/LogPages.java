package dev.credence.app.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.ScratchFile;
import dev.credence.data.json.Json;
import dev.credence.data.rollouts.Field;
import dev.credence.data.rollouts.FieldMap;
import dev.credence.data.rollouts.LogFormat;
import dev.credence.data.rollouts.OtherForms;
import dev.credence.data.rollouts.RawRecords;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Logs: dropped on the page, looked into, audited, and their texts. */
final class LogPages {
    private static final Pattern LOG =
            Pattern.compile("(?i)(.+)\\.(?:jsonl|ndjson|parquet)(?:\\.(?:gz|zst))?", Pattern.DOTALL);
    /** Rewards that run a program, ask a server or read a file belong to a command line, where a person sees what is typed. */
    private static final Pattern FOREIGN = Pattern.compile("(command|https?|class|model|lexicon)\\s*:");

    /** Options of `audit` that the page has, under the same names, and those without a value. */
    private static final List<String> OPTIONS =
            List.of("beta", "format", "reward", "reward-range", "evidence", "value", "bos", "step");

    private static final List<String> FLAGS = List.of("skip_bad", "drop_thin", "together");

    /** All that a request for an audit may have. */
    private static final List<String> ASKED = Stream.of(
                    List.of("log", "more", "fields", "candidates", "prior", "policy"), OPTIONS, FLAGS)
            .flatMap(List::stream)
            .toList();

    private static final String DROPPED = "dropped-";
    private static final int SAMPLED = 200;
    private static final int SHOWN = 3;
    private static final int DEPTH = 3;
    private static final int LONGEST = 160;

    private final ServedFolder folder;
    private final WebJobs jobs;
    private final Provenance made;
    private final long mostUpload;

    LogPages(ServedFolder folder, WebJobs jobs, Provenance made, long mostUpload) {
        this.folder = folder;
        this.jobs = jobs;
        this.made = made;
        this.mostUpload = mostUpload;
    }

    private Path part() {
        return folder.root().resolve(DROPPED + "part");
    }

    void addTo(Map<String, WebService.Handler> handlers) {
        handlers.put("POST /api/logs", this::upload);
        handlers.put(
                "POST /api/logs/remove",
                request -> WebAnswer.json(removed(text(request.json(List.of("file")), "file"))));
        handlers.put("GET /api/log", request -> WebAnswer.json(fields(request.query("file"), request.first("format"))));
        handlers.put("POST /api/audits", request -> WebJobs.answer(audit(request.json(ASKED))));
    }

    static boolean isLog(String name) {
        return LOG.matcher(name).matches() && !name.equals("metrics.jsonl");
    }

    /** Takes a file as it comes, and keeps it where it came whole. */
    private WebAnswer upload(WebRequest request) throws IOException {
        String name = ServedFolder.plain(request.query("name"));
        if (!isLog(name)) {
            throw new WebRefusal(
                    400,
                    "the file is " + name + "; a log ends in .jsonl, .ndjson or .parquet, or in that and .gz or .zst"
                            + OtherForms.ofName(name));
        }
        if (request.length() > mostUpload) {
            throw tooLarge();
        }
        try (ScratchFile part = ScratchFile.beside(part())) {
            copy(request.body(), part.out());
            long bytes = Files.size(part.path());
            if (request.length() >= 0 && bytes != request.length()) {
                throw new WebRefusal(400, "the file came with " + bytes + " of " + request.length() + " bytes");
            }
            Path kept = folder.make(DROPPED + stem(name)).resolve(name);
            Files.move(part.path(), kept, StandardCopyOption.ATOMIC_MOVE);
            Map<String, @Nullable Object> document = Json.document("credence.log/1", made);
            document.put("file", folder.name(kept));
            document.put("bytes", bytes);
            return WebAnswer.json(document);
        }
    }

    private void copy(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            total += read;
            if (total > mostUpload) {
                throw tooLarge();
            }
            out.write(buffer, 0, read);
        }
    }

    private WebRefusal tooLarge() {
        return new WebRefusal(
                413,
                "a dropped log has " + mostUpload + " bytes at most; a larger one is audited by: credence audit FILE");
    }

    /** Whether a log was dropped on the page, and has the folder that was made for it. */
    static boolean isDropped(ServedFolder folder, Path log) {
        Path own = log.getParent();
        return own != null
                && folder.root().equals(own.getParent())
                && own.getFileName().toString().startsWith(DROPPED + stem(String.valueOf(log.getFileName())));
    }

    /** Deletes what was copied here; what was found in it stays. */
    private Map<String, @Nullable Object> removed(String name) throws IOException {
        Path log = log(name);
        if (!isDropped(folder, log)) {
            throw new WebRefusal(403, "the log " + name + " was not dropped here; it is yours to delete");
        }
        if (jobs.isAtWorkOn(log)) {
            throw new WebRefusal(409, "the log " + name + " is being audited; stop that, or wait for it");
        }
        Files.delete(log);
        Path own = Objects.requireNonNull(log.getParent());
        try (Stream<Path> others = Files.list(own)) {
            if (others.findAny().isEmpty()) { // no audits of it
                Files.delete(own);
            }
        }
        Map<String, @Nullable Object> document = Json.document("credence.log/1", made);
        document.put("removed", name);
        return document;
    }

    /** A log below the folder, as it is. */
    private Path log(String name) {
        Path file = folder.existing(name);
        if (!Files.isRegularFile(file) || !isLog(String.valueOf(file.getFileName()))) {
            throw WebRefusal.absent("log " + name);
        }
        return file;
    }

    /** What the first records hold, and which of it would be read as which field. */
    private Map<String, @Nullable Object> fields(String name, @Nullable String format) throws IOException {
        Map<String, List<String>> found = new LinkedHashMap<>(); // place to the first values
        int records = 0;
        @Nullable InputException broken;
        try (RawRecords raw = RawRecords.first(log(name).toString(), SAMPLED)) {
            ObjectNode record = raw.nextWhole();
            while (record != null && records < SAMPLED) {
                places("", record, DEPTH, found);
                records++;
                record = raw.nextWhole();
            }
            broken = raw.firstPassedOver();
        }
        if (records == 0) {
            throw broken != null ? broken : new InputException(name, 0, "", "empty", "a log has at least one record");
        }
        Map<String, @Nullable Object> document = Json.document("credence.log/1", made);
        document.put("file", name);
        document.put("bytes", log(name).toFile().length());
        document.put("sampled", records);
        document.put("broken", broken == null ? null : broken.getMessage());
        document.put("found", found);
        document.put(
                "formats", Stream.of(LogFormat.values()).map(LogFormat::key).toList());
        document.put("format", format == null ? "" : format);
        FieldMap map = format == null || format.isEmpty()
                ? FieldMap.standard()
                : LogFormat.of(format).fields();
        Map<String, @Nullable Object> mapped = new LinkedHashMap<>();
        for (Field field : Field.values()) {
            String place = map.paths().getOrDefault(field, List.of()).stream()
                    .filter(each -> holds(found, each))
                    .findFirst()
                    .orElse(null);
            mapped.put(field.key(), place);
        }
        document.put("mapped", mapped);
        return document;
    }

    /** A place, or one that lies below it. */
    private static boolean holds(Map<String, List<String>> found, String place) {
        return found.containsKey(place) || found.keySet().stream().anyMatch(each -> each.startsWith(place + "."));
    }

    private static void places(String above, JsonNode node, int depth, Map<String, List<String>> found) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            String place = above.isEmpty() ? field.getKey() : above + "." + field.getKey();
            if (field.getValue().isObject() && depth > 1) {
                places(place, field.getValue(), depth - 1, found);
                continue;
            }
            List<String> values = found.computeIfAbsent(place, any -> new ArrayList<>());
            String value = field.getValue().isTextual()
                    ? field.getValue().textValue()
                    : field.getValue().toString();
            String shown = value.length() > LONGEST ? value.substring(0, LONGEST) + "…" : value;
            if (values.size() < SHOWN && !values.contains(shown)) {
                values.add(shown);
            }
        }
    }

    /** The command that a person would type, in a process of its own. */
    private WebJobs.Job audit(JsonNode asked) throws IOException {
        String name = text(asked, "log");
        Path log = log(name);
        List<String> arguments = new ArrayList<>(List.of("audit", log.toString()));
        for (String list : List.of("more", "candidates")) {
            if (asked.has(list) && !asked.path(list).isArray()) {
                throw new WebRefusal(400, list + " is no list; it is one, of texts");
            }
        }
        for (JsonNode other : asked.path("more")) {
            arguments.add(log(other.asText()).toString());
        }
        for (String option : OPTIONS) {
            option(arguments, asked, option);
        }
        for (String model : new String[] {"prior", "policy"}) {
            model(arguments, asked, model);
        }
        for (JsonNode candidate : asked.path("candidates")) {
            arguments.add("--candidate=" + allowed("candidate", candidate.asText()));
        }
        for (String flag : FLAGS) {
            if (asked.path(flag).asBoolean()) {
                arguments.add("--" + flag.replace('_', '-'));
            }
        }
        FieldMap map = FieldMap.standard();
        for (Map.Entry<String, JsonNode> field : asked.path("fields").properties()) {
            String place = field.getValue().asText();
            if (!place.isBlank()) {
                map = map.with(Field.of(field.getKey()), place); // refused here rather than in the process
                arguments.add("--field=" + field.getKey() + "=" + place);
            }
        }
        Path output = free(log);
        arguments.add("--json");
        arguments.add(output.toString());
        int more = asked.path("more").size();
        String title = more == 0 ? name : name + " and " + more + " more";
        return jobs.start(new WebJobs.Asked("audit", title, arguments, folder.name(output)));
    }

    /** A checkpoint's folder below the folder served: nothing else is opened for a page. */
    private void model(List<String> arguments, JsonNode asked, String name) {
        String model = asked.path(name).asText("").strip();
        if (!model.isEmpty()) {
            Path there = folder.existing(model);
            if (!Files.isDirectory(there)) {
                throw InputException.ofSetting(name, model, "it is a checkpoint's folder below the folder served");
            }
            arguments.add("--" + name + "=" + there);
        }
    }

    private static String text(JsonNode asked, String field) {
        String text = asked.path(field).asText("");
        if (text.isEmpty()) {
            throw new WebRefusal(400, field + " is missing");
        }
        return text;
    }

    private static void option(List<String> arguments, JsonNode asked, String name) {
        String value = asked.path(name).asText("").strip();
        if (!value.isEmpty()) {
            arguments.add("--" + name + "=" + allowed(name, value));
        }
    }

    static String allowed(String name, String value) {
        boolean isReward = name.equals("reward") || name.equals("candidate") || name.equals("evidence");
        return isReward ? local(name, value) : value;
    }

    /** A value that may be, or hold, a reward. */
    static String local(String name, String value) {
        if (FOREIGN.matcher(value).find()) {
            throw InputException.ofSetting(
                    name,
                    value,
                    "a reward that runs a program, asks a server or reads a file is for the command line, not for this page");
        }
        return value;
    }

    /** A log's name without what tells its kind. */
    private static String stem(String name) {
        return LOG.matcher(name).replaceFirst("$1");
    }

    /** Beside the log, under a name that is free. */
    private static Path free(Path log) {
        String stem = stem(String.valueOf(log.getFileName()));
        Path output = log.resolveSibling(stem + ".audit.json");
        for (int number = 2; Files.exists(output); number++) {
            output = log.resolveSibling(stem + ".audit-" + number + ".json");
        }
        return output;
    }
}
