// Palette, context pad and menus of bpmn-js, cut down to what an approval route has, and the clicks that draw without dragging.
(() => {
  "use strict";
  const STEP = 160;
  const STAGE = "bpmn:UserTask";
  const LANE = { left: 60, margin: 40, gap: 20, least: 60 };
  const KINDS = {
    "bpmn:UserTask": { icon: "bpmn-icon-user-task", text: "stage", names: ["新节点", "New step"] },
    "bpmn:SendTask": { icon: "bpmn-icon-send-task", text: "copy", names: ["抄送", "Copy"] },
    "bpmn:ServiceTask": { icon: "bpmn-icon-service-task", text: "service", names: ["系统处理", "System step"] },
    "bpmn:EndEvent": { names: ["通过", "Approved"] },
    "bpmn:BoundaryEvent": { names: ["超时", "Overdue"] },
  };
  const PALETTE = ["hand-tool", "lasso-tool", "space-tool", "global-connect-tool", "tool-separator",
    "create.start-event", "create.end-event", "create.exclusive-gateway"];
  const PAD = ["append.end-event", "append.gateway", "append.text-annotation", "connect", "replace", "delete",
    "lane-insert-above", "lane-insert-below", "lane-divide-two", "lane-divide-three"];
  const MENU = ["replace-with-user-task", "replace-with-send-task", "replace-with-service-task",
    "replace-with-exclusive-gateway", "replace-with-parallel-gateway", "replace-with-inclusive-gateway",
    "replace-with-none-end", "replace-with-terminate-end", "replace-with-timer-boundary",
    "replace-with-non-interrupting-timer-boundary", "replace-with-default-flow", "replace-with-sequence-flow"];

  const only = (entries, names) => Object.fromEntries(Object.entries(entries).filter(([name]) => names.includes(name)));
  function boxOf(shapes) {
    const [x, y] = ["x", "y"].map((side) => Math.min(...shapes.map((each) => each[side])));
    const right = Math.max(...shapes.map((each) => each.x + each.width));
    const bottom = Math.max(...shapes.map((each) => each.y + each.height));
    return { x, y, width: right - x, height: bottom - y };
  }

  const isOf = (element, ...types) => types.some((type) => element.businessObject?.$instanceOf(type));

  function Tools(palette, contextPad, popupMenu, create, elementFactory, bpmnFactory, autoPlace, modeling, canvas, asOne, translate, selection, registry, eventBus) {
    const named = (type, values) => {
      const businessObject = bpmnFactory.create(type, values);
      const [chinese, english] = KINDS[type]?.names ?? ["", ""];
      if (chinese) for (const [name, value] of Object.entries(window.designer.titles(chinese, english))) businessObject.set(name, value);
      return businessObject;
    };

    // The server's own drawings use this size for whatever people or the system do.
    const make = (type) => elementFactory.createShape(
      { type, businessObject: named(type), ...(type.endsWith("Task") && { width: 120, height: 72 }) });

    // Behind an element with one way out the new one is put into that way, everything after it makes room.
    const append = (source, type) => {
      const ways = source.outgoing.filter((way) => isOf(way, "bpmn:SequenceFlow"));
      if (ways.length === 1 && type !== "bpmn:EndEvent" && !isOf(source, "bpmn:Gateway")) return insert(ways[0], type);
      return autoPlace.append(source, make(type));
    };

    const insert = (way, type) => {
      const { source, target } = way;
      let shape = make(type);
      const right = source.x + source.width;
      asOne.run(() => {
        const isAhead = target.x > source.x;
        const missing = STEP + 40 - (target.x - right);
        if (isAhead && missing > 0) {
          const after = canvas.getRootElement().children.filter((each) => !each.waypoints && !each.labelTarget && !each.host && each !== source && each.x >= target.x);
          modeling.moveElements(after, { x: Math.ceil(missing / 10) * 10, y: 0 });
        }
        const at = isAhead
          ? { x: right + (target.x - right) / 2, y: source.y + source.height / 2 }
          : { x: way.waypoints[0].x, y: way.waypoints[0].y + STEP / 2 };
        shape = modeling.createShape(shape, at, way);
      });
      return shape;
    };

    const attach = (host) => {
      const businessObject = named("bpmn:BoundaryEvent", { cancelActivity: false });
      const duration = bpmnFactory.create("bpmn:FormalExpression", { body: "PT8H" });
      const timer = bpmnFactory.create("bpmn:TimerEventDefinition", { timeDuration: duration });
      duration.$parent = timer;
      timer.$parent = businessObject;
      businessObject.eventDefinitions = [timer];
      const shape = elementFactory.createShape({ type: "bpmn:BoundaryEvent", businessObject, host });
      const taken = host.attachers?.length ?? 0;
      return modeling.createShape(shape, { x: host.x + 24 + 40 * taken, y: host.y + host.height }, host, { attach: true });
    };

    const lanes = () => canvas.getRootElement().children.filter((each) => isOf(each, "bpmn:Lane"));

    // The first lane goes around everything that is drawn, each further one below the others.
    const addLane = () => {
      const below = lanes().sort((one, other) => other.y + other.height - one.y - one.height)[0];
      if (below) return modeling.addLane(below, "bottom");
      const drawn = boxOf(canvas.getRootElement().children.filter((each) => !each.waypoints));
      const bounds = {
        x: drawn.x - LANE.left, y: drawn.y - LANE.margin,
        width: drawn.width + LANE.left + LANE.margin, height: drawn.height + 2 * LANE.margin,
      };
      const shape = elementFactory.createShape({ type: "bpmn:Lane", isHorizontal: true });
      return modeling.createShape(shape, bounds, canvas.getRootElement());
    };

    // What stands in a lane keeps its place: a lane ends where its content does.
    const heighten = (lane, by) => {
      const { x, y, width } = lane;
      const inside = lane.businessObject.get("flowNodeRef").map(({ id }) => registry.get(id)).filter(Boolean);
      const least = Math.max(LANE.least, ...inside.map((each) => each.y + each.height + LANE.gap - y));
      const height = Math.max(least, lane.height + by);
      if (height !== lane.height) modeling.resizeLane(lane, { x, y, width, height }, true);
    };

    // New elements to the right of the lanes would stand in none.
    eventBus.on(["commandStack.shape.create.postExecuted", "commandStack.elements.move.postExecuted"], 200, () => {
      const [lane] = lanes();
      if (!lane) return;
      const nodes = canvas.getRootElement().children.filter((each) => isOf(each, "bpmn:FlowNode") && !each.labelTarget);
      const right = Math.max(...nodes.map((each) => each.x + each.width)) + LANE.gap;
      const { x, y, width, height } = lane;
      if (right > x + width) modeling.resizeLane(lane, { x, y, width: right - x, height }, true);
    });

    const change = (event, element) => popupMenu.open(element, "bpmn-replace",
      { x: event.x, y: event.y, cursor: { x: event.x, y: event.y } }, { title: translate("Change element"), width: 300 });

    const entry = (group, type, title, start, click) => ({
      group, title: translate(title), className: KINDS[type].icon, action: { dragstart: start, click },
    });

    palette.registerProvider(500, { getPaletteEntries: () => (entries) => {
      const kept = only(entries, PALETTE);
      for (const [type, { icon, text }] of Object.entries(KINDS)) {
        if (!icon) continue;
        const start = (event) => create.start(event, make(type));
        kept[`create.${text}`] = entry("activity", type, text, start, start);
      }
      const lane = () => selection.select(addLane());
      kept["create.lane"] = { group: "lanes", title: translate("lane"), className: "bpmn-icon-lane", action: { dragstart: lane, click: lane } };
      for (const [name, type] of [["create.end-event", "bpmn:EndEvent"]]) {
        const start = (event) => create.start(event, make(type));
        kept[name] = { ...kept[name], action: { dragstart: start, click: start } };
      }
      return kept;
    } });

    contextPad.registerProvider(500, {
      getContextPadEntries: (element) => (entries) => {
        const kept = only(entries, PAD);
        if (kept["append.gateway"]) {
          for (const [type, title] of [[STAGE, "appendStage"], ["bpmn:SendTask", "appendCopy"]]) {
            kept[`append.${type}`] = entry("model", type, title,
              (event, source) => create.start(event, make(type), { source }), (_, source) => selection.select(append(source, type)));
          }
          kept["append.gateway"].action.click = (_, source) => selection.select(append(source, "bpmn:ExclusiveGateway"));
          kept["append.end-event"].action.click = (_, source) => selection.select(append(source, "bpmn:EndEvent"));
        }
        if (isOf(element, STAGE) && element.type !== "label") {
          kept.attach = { group: "model", title: translate("attachTimer"), className: "bpmn-icon-intermediate-event-catch-timer", action: { click: (_, host) => selection.select(attach(host)) } };
        }
        if (kept.replace) kept.replace.action = { click: (event, target) => change(event, target) };
        return kept;
      },
      getMultiElementContextPadEntries: () => (entries) => only(entries, ["delete"]),
    });

    popupMenu.registerProvider("bpmn-replace", 500, {
      getPopupMenuEntries: () => (entries) => only(entries, MENU),
      getPopupMenuHeaderEntries: () => () => ({}),
    });

    Object.assign(this, { append, insert, attach, addLane, heighten });
  }
  Tools.$inject = ["palette", "contextPad", "popupMenu", "create", "elementFactory", "bpmnFactory", "autoPlace", "modeling", "canvas", "asOne", "translate", "selection", "elementRegistry", "eventBus"];

  const texts = JSON.parse(document.getElementById("designer-texts")?.textContent ?? "{}");
  const translate = (template, replacements = {}) =>
    (texts[template] ?? template).replace(/{([^}]+)}/g, (found, key) => replacements[key] ?? found);

  Object.assign(window.designer, { text: (key) => texts[key] ?? key, isOf });
  window.designer.modules = {
    __init__: ["keepSettings", "asOne", "ways", "tools"],
    translate: ["value", translate],
    keepSettings: ["type", window.designer.KeepSettings],
    asOne: ["type", window.designer.AsOne],
    ways: ["type", window.designer.Ways],
    tools: ["type", Tools],
  };
})();
