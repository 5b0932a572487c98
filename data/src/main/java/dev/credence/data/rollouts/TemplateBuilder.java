package dev.credence.data.rollouts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes the shape from a line that Jackson has accepted; so the line is known to be a valid object without double keys. */
final class TemplateBuilder {
    private final PathIndex paths;
    private final List<String> rewardNames;
    private final byte[] b;
    private final int to;

    private final List<RecordTemplate.Slot> slots = new ArrayList<>();
    private final List<byte[]> between = new ArrayList<>();
    private final Set<Field> seen = EnumSet.noneOf(Field.class);
    private int literalFrom;
    private int p;

    private TemplateBuilder(PathIndex paths, List<String> rewardNames, byte[] b, int from, int to) {
        this.paths = paths;
        this.rewardNames = rewardNames;
        this.b = b;
        this.to = to;
        this.p = from;
        this.literalFrom = from;
    }

    /**
     * The shape of a line, or null where it has none that can be matched by bytes: arrays, names with escapes, a field
     * in several places.
     */
    static @Nullable RecordTemplate of(PathIndex paths, List<String> rewardNames, byte[] b, int from, int to) {
        TemplateBuilder builder = new TemplateBuilder(paths, rewardNames, b, from, to);
        builder.blanks();
        if (!builder.object("", false)) {
            return null;
        }
        builder.between.add(Arrays.copyOfRange(b, builder.literalFrom, builder.p));
        return new RecordTemplate(builder.slots, builder.between, rewardNames);
    }

    private void blanks() {
        while (p < to && (b[p] == ' ' || b[p] == '\t' || b[p] == '\r')) {
            p++;
        }
    }

    /** Walks an object; afterwards {@code p} is behind it. */
    private boolean object(String prefix, boolean inReward) {
        p++; // {
        blanks();
        while (b[p] != '}') {
            int key = p + 1;
            int end = string();
            String name = JsonBytes.decode(b, key, end - 1, false);
            if (name.indexOf('\\') >= 0) {
                return false;
            }
            blanks();
            p++; // :
            blanks();
            if (!value(prefix.isEmpty() ? name : prefix + "." + name, inReward ? name : null)) {
                return false;
            }
            blanks();
            if (b[p] == ',') {
                p++;
                blanks();
            }
        }
        p++;
        return true;
    }

    private boolean value(String path, @Nullable String rewardName) {
        PathIndex.Target target = paths.at(path);
        Field field = target == null ? null : target.field();
        if (field != null && !seen.add(field)) {
            return false;
        }
        if (b[p] == '[' || (target != null && isForJackson(target))) {
            return false;
        }
        if (b[p] == '{') {
            return object(path, field == Field.REWARD);
        }
        if (rewardName != null && !rewardNames.contains(rewardName)) {
            return false; // null: the reward of another task
        }
        String reward = rewardName == null && field == Field.REWARD ? "reward" : rewardName;
        between.add(Arrays.copyOfRange(b, literalFrom, p));
        int kind = reward != null ? Field.REWARD.ordinal() : field == null ? RecordTemplate.SKIP : field.ordinal();
        slots.add(new RecordTemplate.Slot(
                kind, reward == null ? -1 : rewardNames.indexOf(reward), target == null ? -1 : target.extra()));
        scalar();
        literalFrom = p;
        return true;
    }

    /** Values that are not read as they stand: objects, mapped words, fields that say the opposite. */
    private boolean isForJackson(PathIndex.Target target) {
        Field field = target.field();
        if (field == null) {
            return false;
        }
        FieldMap fields = paths.fields();
        return (field == Field.KEPT && b[p] == '{')
                || (field == Field.FINISHED
                        && (fields.values().maps(field) || EndWords.saysCut(fields.path(field, target.rank()))))
                || (fields.values().maps(field) && b[p] != '"');
    }

    private void scalar() {
        if (b[p] == '"') {
            string();
            return;
        }
        while (p < to && b[p] != ',' && b[p] != '}' && b[p] != ' ' && b[p] != '\t' && b[p] != '\r') {
            p++;
        }
    }

    /** Steps over a string; gives the position behind it. */
    private int string() {
        p++;
        while (b[p] != '"') {
            p += b[p] == '\\' ? 2 : 1;
        }
        return ++p;
    }
}
