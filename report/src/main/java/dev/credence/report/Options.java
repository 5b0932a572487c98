package dev.credence.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** The trees that the chart library reads. */
final class Options {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Options() {}

    /** A tree written as text in this program. */
    static ObjectNode parse(String json) {
        try {
            return (ObjectNode) MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("not JSON: " + json, e);
        }
    }

    /** Two value axes with quiet grid lines, the vertical one named above itself. */
    static ObjectNode plane(String horizontal, String vertical) {
        ObjectNode option = parse("""
                {"grid": {"left": 4, "right": 18, "top": 30, "bottom": 26, "containLabel": true},
                 "xAxis": {"type": "value", "scale": true, "nameLocation": "middle", "nameGap": 26},
                 "yAxis": {"type": "value", "scale": true, "nameLocation": "end", "nameGap": 12,
                           "nameTextStyle": {"align": "left"}},
                 "series": []}""");
        ObjectNode below = ((ObjectNode) option.get("xAxis")).put("name", horizontal);
        if (horizontal.equals("step")) {
            below.put("minInterval", 1); // there is no half of a step
        }
        ((ObjectNode) option.get("yAxis")).put("name", vertical);
        return option;
    }

    /** Horizontal bars, one a category, the first on top; their names take so many pixels to the left. */
    static ObjectNode bars(String horizontal, int names) {
        ObjectNode option = parse("""
                {"grid": {"right": 24, "top": 6, "bottom": 46},
                 "xAxis": {"type": "value", "nameLocation": "middle", "nameGap": 26},
                 "yAxis": {"type": "category", "inverse": true, "data": [],
                           "axisTick": {"show": false}, "splitLine": {"show": false},
                           "axisLabel": {"width": 122, "overflow": "truncate"}},
                 "series": []}""");
        ((ObjectNode) option.get("xAxis")).put("name", horizontal);
        ((ObjectNode) option.get("grid")).put("left", names);
        return option;
    }

    /** The series of an option. */
    static ArrayNode series(ObjectNode option) {
        return option.withArray("series");
    }

    /** Whether all can be drawn. */
    static boolean finite(double... numbers) {
        return Arrays.stream(numbers).allMatch(Double::isFinite);
    }

    /** A point of a series with the text that appears on it; a number that cannot be drawn leaves a gap. */
    static ObjectNode point(String text, double... coordinates) {
        ObjectNode point = JsonNodeFactory.instance.objectNode();
        ArrayNode value = point.putArray("value");
        for (double coordinate : coordinates) {
            if (Double.isFinite(coordinate)) {
                value.add(coordinate);
            } else {
                value.addNull();
            }
        }
        point.put("text", text);
        return point;
    }

    /** Intervals drawn as lines with caps; points are (lower, upper, category, shift in pixels). */
    static ObjectNode whiskers() {
        return parse("""
                {"type": "custom", "shape": "whisker", "z": 10, "encode": {"x": [0, 1], "y": 2},
                 "itemStyle": {"color": "var(--ink)"}, "data": []}""");
    }
}
