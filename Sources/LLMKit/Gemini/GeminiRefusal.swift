package typealias GeminiRefusal = ServiceRefusal
package typealias GeminiRefusalPlan = RefusalPlan
