// Between the BPMN of the server and the drawing: titles in the reader's language, and settings that copies take along.
(() => {
  "use strict";
  const LENDING = "urn:lending-crm:workflow:1";
  const isEnglish = document.documentElement.lang.startsWith("en");

  function rewritten(xml, change) {
    const file = new DOMParser().parseFromString(xml, "text/xml");
    for (const element of [file.documentElement, ...file.documentElement.querySelectorAll("*")]) change(element);
    return new XMLSerializer().serializeToString(file);
  }

  // bpmn-js draws the attribute "name". English readers get the English title there and write to it;
  // the Chinese one waits in an attribute of its own that the server never sees.
  function readable(xml) {
    if (!isEnglish) return xml;
    return rewritten(xml, (element) => {
      const english = element.getAttributeNS(LENDING, "nameEn");
      if (!english) return;
      element.setAttributeNS(LENDING, "lc:nameZh", element.getAttribute("name") ?? "");
      element.removeAttributeNS(LENDING, "nameEn");
      element.setAttribute("name", english);
    });
  }

  function stored(xml) {
    if (!isEnglish) return xml;
    return rewritten(xml, (element) => {
      if (!element.hasAttributeNS(LENDING, "nameZh")) return;
      const english = element.getAttribute("name");
      const chinese = element.getAttributeNS(LENDING, "nameZh");
      element.removeAttributeNS(LENDING, "nameZh");
      if (english) element.setAttributeNS(LENDING, "lc:nameEn", english);
      if (chinese) element.setAttribute("name", chinese);
      else element.removeAttribute("name");
    });
  }

  // Titles of a new element: the stored Chinese one and the English one.
  function titles(chinese, english) {
    return isEnglish ? { name: english, "lc:nameZh": chinese } : { name: chinese, "lc:nameEn": english };
  }

  // bpmn-js copies only what its schema knows; ours are extension elements and attributes of another namespace.
  function KeepSettings(eventBus, moddle, modeling) {
    eventBus.on("moddleCopy.canCopyProperties", 2000, ({ sourceElement, targetElement }) => {
      for (const [name, value] of Object.entries(sourceElement.$attrs ?? {})) {
        if (name.startsWith("lc:")) targetElement.set(name, value);
      }
    });
    eventBus.on("moddleCopy.canCopyProperty", 2000, ({ property, propertyName, parent }) => {
      if (propertyName !== "extensionElements" || !property) return undefined;
      const copy = moddle.create("bpmn:ExtensionElements", { values: property.get("values").map(cloned) });
      copy.$parent = parent;
      return copy;
    });
    // The three bars say how a stage decides; on another kind of element they would mean nothing.
    eventBus.on("commandStack.shape.replace.postExecuted", 500, ({ context }) => {
      const shape = context.newShape;
      const isStage = shape.businessObject.$type === "bpmn:UserTask";
      if (!isStage && shape.businessObject.loopCharacteristics) modeling.updateProperties(shape, { loopCharacteristics: undefined });
    });

    function cloned(value) {
      const copy = moddle.createAny(value.$type, LENDING, attributesOf(value));
      const children = value.$children?.map(cloned);
      if (children) copy.$children = children;
      return copy;
    }
  }
  KeepSettings.$inject = ["eventBus", "moddle", "modeling"];

  function attributesOf(value) {
    const skipped = ["$type", "$children", "$parent", "$model", "$descriptor", "$instanceOf"];
    return Object.fromEntries(Object.entries(value).filter(([name]) => !skipped.includes(name)));
  }

  // Several steps that are undone as one.
  function AsOne(commandStack) {
    commandStack.registerHandler("designer.asOne", Steps);
    this.run = (steps) => commandStack.execute("designer.asOne", { steps });
  }
  AsOne.$inject = ["commandStack"];

  class Steps {
    preExecute(context) { context.steps(); }
    execute() { return []; }
    revert() { return []; }
  }

  // A gateway tries its ways in the order in which the file holds them.
  class SwapWays {
    execute({ one, other }) {
      for (const list of [one.$parent.get("flowElements"), one.sourceRef.get("outgoing")]) swap(list, one, other);
      return [];
    }
    revert(context) { return this.execute(context); }
  }

  function swap(list, one, other) {
    const [first, second] = [list.indexOf(one), list.indexOf(other)];
    [list[first], list[second]] = [other, one];
  }

  function Ways(commandStack) {
    commandStack.registerHandler("designer.swapWays", SwapWays);
    // One place earlier (-1) or later (1) among the ways that have to be tried.
    this.move = (way, step) => {
      const gateway = way.sourceRef;
      const tried = way.$parent.get("flowElements").filter((each) => each.sourceRef === gateway && each !== gateway.default);
      const other = tried[tried.indexOf(way) + step];
      if (other) commandStack.execute("designer.swapWays", { one: way, other });
    };
  }
  Ways.$inject = ["commandStack"];

  // What the server's form says about an element, taken over into the drawing as one step.
  async function takeOver(modeler, element, xml) {
    const type = element.businessObject.$type;
    const { rootElement } = await modeler.get("moddle").fromXML(readable(xml), type);
    const given = new DOMParser().parseFromString(readable(xml), "text/xml").documentElement;
    const bo = element.businessObject;
    const changes = { name: rootElement.name, extensionElements: rootElement.extensionElements };
    for (const name of ["nameEn", "nameZh"]) changes[`lc:${name}`] = given.getAttributeNS(LENDING, name) ?? undefined;
    if (changes.extensionElements) changes.extensionElements.$parent = bo;
    for (const name of ["loopCharacteristics", "conditionExpression", "eventDefinitions"]) {
      if (name in rootElement.$descriptor.propertiesByName) changes[name] = owned(rootElement.get(name), bo);
    }
    if ("cancelActivity" in rootElement.$descriptor.propertiesByName) changes.cancelActivity = rootElement.get("cancelActivity");
    if (type.endsWith("Gateway") && type !== "bpmn:ParallelGateway") {
      changes.default = modeler.get("elementRegistry").get(given.getAttribute("default") ?? "")?.businessObject;
    }
    modeler.get("modeling").updateProperties(element, changes);
  }

  function owned(value, parent) {
    for (const each of Array.isArray(value) ? value : [value]) if (each?.$type) each.$parent = parent;
    return value;
  }

  window.designer = { readable, stored, titles, takeOver, KeepSettings, AsOne, Ways };
})();
